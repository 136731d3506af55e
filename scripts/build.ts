/** Compiles src/ to dist/ with tsc and copies the files that are data (schemas, protocol definitions). */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const tscPackage = createRequire(import.meta.url).resolve("typescript/package.json");

rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [join(dirname(tscPackage), "bin", "tsc"), "-p", "tsconfig.build.json"],
  {
    cwd: root,
    stdio: "inherit",
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }))
  if (/\.(json|proto)$/.test(file)) cpSync(join(root, "src", file), join(root, "dist", file));
