import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { commandTable } from "../../src/cli/commands.ts";
import { pages } from "../support/pages.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const textOf = (page: string): string => readFileSync(join(repositoryRoot, page), "utf8");

for (const page of pages)
  test(`the links of ${page} lead to files of the repository`, () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link);
    const local = links.filter((link) => !/^https?:/.test(link));
    const broken = local.filter((link) => !existsSync(join(repositoryRoot, dirname(page), link)));
    assert.deepEqual(broken, []);
  });

for (const page of pages)
  test(`the links of ${page} into pages lead to their headings`, () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#:]*\.md)?#([^)]+)\)/g)];
    const broken = links.flatMap(([link, path, anchor]) => {
      const target = path === undefined ? page : join(dirname(page), path);
      return anchorsOf(textOf(target)).has(anchor!) ? [] : [link];
    });
    assert.deepEqual(broken, []);
  });

/** As GitHub and the site make them of headings, and those set by hand. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id!)]);
}

test("the README's table names every command", () => {
  const text = textOf("README.md");
  assert.deepEqual(
    commandTable.map(({ name }) => name).filter((name) => !text.includes(`| \`tomoflow ${name}`)),
    [],
  );
});

test("the README's two commands exist", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  for (const [, script] of textOf("README.md").matchAll(/npm ci && npm (?:run )?(\w+)/g))
    assert.ok(scripts[script], script);
});

test("the network and the loss that are shown are those of the source", () => {
  const page = textOf("docs/networks-and-losses.md");
  const shown = [...page.matchAll(/`(src\/[^`]+\.ts)`, whole:\n\n```ts\n(.*?)```/gs)];
  assert.deepEqual(
    shown.map(([, path]) => path),
    ["src/network/networks/residual-unet3d.ts", "src/network/losses/focal-tversky.ts"],
  );
  for (const [, path, text] of shown) assert.equal(text, textOf(path!), path);
});
