import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeProblem } from "../../src/cli/node-version.ts";
import { repositoryRoot } from "../support/source-tree.ts";

test("Node is refused where package.json refuses it", () => {
  const { engines } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
    engines: { node: string };
  };
  assert.equal(engines.node, ">=20.19");
  for (const version of ["16.20.2", "18.20.8", "20.18.3"])
    assert.equal(
      nodeProblem(version),
      `error: this is Node ${version}; tomoflow needs 20.19 or newer\nhint: install a current Node from https://nodejs.org, or with nvm: nvm install --lts`,
    );
  for (const version of ["20.19.0", "20.20.2", "22.0.0", "24.1.0-nightly"])
    assert.equal(nodeProblem(version), undefined);
});

test("what is loaded before the version is checked imports nothing else", () => {
  const text = readFileSync(join(repositoryRoot, "src/cli/main.ts"), "utf8");
  assert.deepEqual(text.match(/^import .*$/gm), ['import { nodeProblem } from "./node-version.ts";']);
});
