/**
 * Compiles src/ to dist/ with tsc, copies the files that are data (schemas, protocol definitions), builds the studio's web part
 * with Vite, and puts onnxruntime into vendor/. Does nothing when dist/ was built from the very same files; with --check it fails when it was not.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { buildStudio } from "./build-studio.ts";
import { vendorOnnxruntime } from "./vendor-onnxruntime.ts";

const root = join(import.meta.dirname, "..");
const stamp = join(root, "dist", ".built-from");

/** Vite's, not tsc's. */
const webPart = join("src", "studio", "web") + sep;

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(tsx?|json|proto|css|html|svg)$/.test(file))
  .map((file) => join("src", file))
  .sort();

const fingerprint = createHash("sha256");
for (const file of [
  ...sources,
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
  "scripts/build-studio.ts",
])
  fingerprint.update(`${file}\0`).update(readFileSync(join(root, file)));
const builtFrom = fingerprint.digest("hex");

const isBuilt = existsSync(stamp) && readFileSync(stamp, "utf8") === builtFrom;

if (process.argv.includes("--check")) {
  if (!isBuilt) process.stderr.write("dist/ is not built from this source: npm run build\n");
  process.exitCode = isBuilt ? 0 : 1;
} else {
  if (!isBuilt) await build();
  vendorOnnxruntime(root);
}

async function build(): Promise<void> {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const tscPackage = createRequire(import.meta.url).resolve("typescript/package.json");
  const command = [join(dirname(tscPackage), "bin", "tsc"), "-p", "tsconfig.build.json"];
  const tsc = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
  for (const file of sources)
    if (!file.endsWith(".ts") && !file.startsWith(webPart))
      cpSync(join(root, file), join(root, "dist", file.slice("src/".length)));
  await buildStudio(root);
  // where `npm install -g .` made a link to it, it stays a program
  chmodSync(join(root, "dist", "cli", "main.js"), 0o755);
  writeFileSync(stamp, builtFrom);
}
