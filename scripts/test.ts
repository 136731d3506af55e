/**
 * Runs every test file under test/ (or the paths given) with node:test, TypeScript through tsx.
 * `npm test -- test/volume` runs one room; `--interop` runs the `*.interop.ts` files instead, which compare with
 * Python programs (TOMOFLOW_PYTHON names the interpreter), `--gpu` the `*.gpu.ts` files, which need a Vulkan driver (SwiftShader will do),
 * `--package` the `*.package.ts` files, which install what npm packs from the registry,
 * `--browser` the `*.browser.ts` files, which drive Chromium (TOMOFLOW_CHROMIUM names it; else /usr/bin/chromium) on the built studio,
 * `--slurm` the `*.slurm.ts` files, which start a real Slurm on this machine (root, with Debian's slurm-wlm and munge),
 * `--tensorflow` the `*.tensorflow.ts` files, which need tfjs-node installed (docs/engines.md).
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const kind =
  ["interop", "gpu", "tensorflow", "package", "browser", "slurm"].find((word) =>
    process.argv.includes(`--${word}`),
  ) ?? "test";
const suffix = `.${kind}.ts`;
const wanted = process.argv.slice(2).filter((word) => word !== `--${kind}`);
const places = wanted.length > 0 ? wanted : ["test"];

const files = places.flatMap((place) => {
  if (statSync(join(root, place)).isFile()) return [place];
  return readdirSync(join(root, place), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(place, name));
});
if (files.length === 0) {
  process.stderr.write(`no *${suffix} files under ${places.join(", ")}\n`);
  process.exit(1);
}
/** Tests of the command line start the built program where there is one of this very source: three times as fast. */
const build = spawnSync(process.execPath, ["--import", "tsx", join(root, "scripts/build.ts"), "--check"]);
const result = spawnSync(
  process.execPath,
  ["--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=2", ...files.sort()],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, TOMOFLOW_TEST_BUILD: build.status === 0 ? "1" : "" },
  },
);
process.exit(result.status ?? 1);
