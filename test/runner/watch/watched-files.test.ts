import assert from "node:assert/strict";
import { test } from "node:test";
import { filesToWatch, isWatched } from "../../../src/runner/watch/watched-files.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const table = (tomograms: string) => ({
  ...shoutFiles,
  "tail.txt": "end",
  "rows.csv": "id,text\na,data/a.txt\n",
  "notes/a.txt": "note",
  "workflow.yaml": `
version: 1
name: toy
classes:
  1: {name: ribosome, radius: 10}
tomograms: ${tomograms}
steps:
  shout: {uses: shout, from: tomograms}
  append: {uses: append, from: shout, with: {text: "\${row.loud}", tail: tail.txt}}
`,
});

test("the workflow, its table, what tasks read and no task makes", async (context) => {
  const project = await toyProject(context, table("rows.csv"));
  const { sources, inputs, folders } = filesToWatch(await project.load());
  const names = (paths: Iterable<string>) => [...paths].map((path) => path.slice(project.folder.length + 1));
  assert.deepEqual(names(sources), ["workflow.yaml", "rows.csv"]);
  assert.deepEqual(names(inputs), ["data/a.txt", "tail.txt"]);
  assert.deepEqual(folders, []);
});

test("folders in which a new file is a new row, as deep as the pattern goes", async (context) => {
  const foldersOf = async (tomograms: string) => {
    const project = await toyProject(context, table(tomograms));
    const { folders } = filesToWatch(await project.load());
    return folders.map(({ path, deep }) => [path.slice(project.folder.length + 1), deep]);
  };
  assert.deepEqual(await foldersOf("{glob: data/*.txt, column: text}"), [["data", false]]);
  assert.deepEqual(await foldersOf('{glob: "data/**/*.txt", column: text, note: "notes/{id}.txt"}'), [
    ["data", true],
    ["notes", false],
  ]);
});

test("wanted are files, folders on the way to them, and new files in the folders of patterns", () => {
  const wanted = isWatched({
    sources: new Set(["/p/workflow.yaml"]),
    inputs: new Set(["/far/away/tail.txt", "/p/results/own.txt"]),
    folders: [
      { path: "/p/data", deep: false },
      { path: "/p/many", deep: true },
    ],
    outputFolders: ["/p/.tomoflow", "/p/results", "/p/many/results"],
  });
  const is = (path: string, isFolder = false) => wanted(path, isFolder);
  assert.deepEqual(
    [is("/p/workflow.yaml"), is("/far", true), is("/far/away", true), is("/far/away/tail.txt")],
    [true, true, true, true],
  );
  assert.deepEqual(
    [is("/p/other.txt"), is("/far/away/other.txt"), is("/p/src", true)],
    [false, false, false],
  );
  assert.deepEqual(
    [is("/p/data/new.mrc"), is("/p/data/below", true), is("/p/data/.hidden")],
    [true, false, false],
  );
  assert.deepEqual([is("/p/many/a", true), is("/p/many/a/new.mrc"), is("/p/manyother")], [true, true, false]);
  assert.deepEqual(
    [
      is("/p/results/own.txt"),
      is("/p/results/x.txt"),
      is("/p/many/results/x"),
      is("/p/.tomoflow/logs", true),
    ],
    [true, false, false, false],
  );
});

test("an input that is a folder is watched with all that is in it, hidden files and folders too", () => {
  const wanted = isWatched({
    sources: new Set(["/p/workflow.yaml"]),
    inputs: new Set(["/p/frames"]),
    folders: [],
    outputFolders: ["/p/.tomoflow", "/p/results"],
  });
  const names = [
    "/p/frames",
    "/p/frames/deep",
    "/p/frames/deep/.zarray",
    "/p/frames2",
    "/p/frames2/a",
    "/p/a",
  ];
  assert.deepEqual(
    names.filter((name) => wanted(name, false)),
    names.slice(0, 3),
  );
});
