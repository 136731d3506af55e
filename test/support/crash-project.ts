/**
 * A small workflow of a user's own step for the built program: two rows are learnt, with checkpoints, then shouted, and spelt into
 * folders. It is one kind, so that a worker serves all its tasks. Each output is written in two halves with a pause between.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const step = `
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const input = (name) => ({ name, required: true, description: "The " + name + "." });
const output = (name, file) => ({ name, file, description: "The " + name + "." });
const ports = {
  learn: { inputs: [input("text")], outputs: [output("model", "model.txt")], columns: [], classFields: [] },
  shout: {
    inputs: [input("text"), input("model")],
    outputs: [output("loud", "loud.txt"), { ...output("letters", "letters.json"), metrics: true }],
    columns: [], classFields: [],
  },
  spell: {
    inputs: [input("text"), input("loud")],
    outputs: [output("letters", "letters/")], columns: [], classFields: [],
  },
  join: {
    inputs: [{ ...input("letters"), folders: true }],
    outputs: [output("word", "word.txt")], columns: [], classFields: [],
  },
};

export default {
  name: "work", version: 1, summary: "To be killed in.", scope: "row", cpus: () => 1,
  parameters: { type: "object", additionalProperties: false, required: ["what"], properties: {
    what: { type: "string", enum: ["learn", "shout", "spell", "join"], description: "Which." },
  } },
  ports: ({ what }) => ports[what] ?? ports.learn,
  run: (context) => ({ learn, shout, spell, join: joinLetters })[context.parameters.what](context),
};

async function learn({ rows: [{ files }], outputs, checkpointFolder, report }) {
  const path = join(checkpointFolder, "epochs.json");
  const done = JSON.parse(await readFile(path, "utf8").catch(() => "[7]"));
  while (done.length < 6) {
    done.push(3 * done.at(-1));
    await wait(2);
    await writeFile(path + ".new", JSON.stringify(done));
    await rename(path + ".new", path);
    report({ type: "progress", done: done.length, total: 6, unit: "epoch" });
  }
  const text = (await readFile(files.text, "utf8")) + JSON.stringify(done);
  // half a megabyte: copying takes long enough to be killed in
  await writeSlowly(outputs.model, text.repeat(2 ** 19 / text.length));
}

async function shout({ rows: [{ files }], outputs }) {
  const [text, model] = await Promise.all([files.text, files.model].map((path) => readFile(path, "utf8")));
  await writeSlowly(outputs.loud, text.toUpperCase() + model.slice(0, 20));
  await writeSlowly(outputs.letters, JSON.stringify({ letters: model.length }));
}

async function spell({ rows: [{ files }], outputs }) {
  const word = (await readFile(files.loud, "utf8")).trim();
  for (const [index, letter] of [...word].entries()) {
    const folder = join(outputs.letters, String(index % 3));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, index + ".txt"), letter.repeat(2000));
  }
}

async function joinLetters({ rows: [{ files }], outputs }) {
  let word = "";
  for (let index = 0; ; index++) {
    const letters = await readFile(join(files.letters, String(index % 3), index + ".txt"), "utf8").catch(() => "");
    if (letters === "") break;
    word += letters[0];
  }
  await writeSlowly(outputs.word, word);
}

async function writeSlowly(path, text) {
  await writeFile(path, text.slice(0, text.length / 2));
  await wait(3);
  await appendFile(path, text.slice(text.length / 2));
}
`;

const files: Readonly<Record<string, string>> = {
  "work.mjs": step,
  "a.txt": "one\n",
  "b.txt": "three\n",
  "workflow.yaml": `version: 1
name: crash
tomograms: [{id: a, text: a.txt}, {id: b, text: b.txt}]
steps:
  learn: {uses: ./work.mjs, from: tomograms, with: {what: learn}}
  shout: {uses: ./work.mjs, from: learn, with: {what: shout}}
  spell: {uses: ./work.mjs, from: shout, with: {what: spell}}
  join: {uses: ./work.mjs, from: spell, with: {what: join}}
`,
};

/** Where each task's outputs lie, below the results; one of them is a folder. */
export const crashOutputs: Readonly<Record<string, readonly string[]>> = {
  "learn@a": ["crash/learn/a/model.txt"],
  "learn@b": ["crash/learn/b/model.txt"],
  "shout@a": ["crash/shout/a/loud.txt", "crash/shout/a/letters.json"],
  "shout@b": ["crash/shout/b/loud.txt", "crash/shout/b/letters.json"],
  "spell@a": ["crash/spell/a/letters"],
  "spell@b": ["crash/spell/b/letters"],
  "join@a": ["crash/join/a/word.txt"],
  "join@b": ["crash/join/b/word.txt"],
};

/** Into a folder that is there. The folders of the results are made too, so that a watcher sees all that happens in them. */
export async function writeCrashProject(folder: string): Promise<void> {
  await Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(folder, path), text)));
  const outputs = Object.values(crashOutputs).flat();
  const folders = outputs.map((path) => join(folder, "results", dirname(path)));
  await Promise.all(folders.map((path) => mkdir(path, { recursive: true })));
}
