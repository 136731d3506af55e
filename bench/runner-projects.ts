/** Projects for the benchmark of the runner, in a folder of their own: for tomoflow, and the same for DVC and Snakemake. */
import { mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A step that does next to nothing, as a user writes one. */
const copyStep = `
import { writeFile } from "node:fs/promises";
export default {
  name: "note", version: 1, summary: "Writes a line.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {
    word: { type: "string", description: "What to write.", default: "done" },
  } },
  cpus: () => 1,
  ports: () => ({
    inputs: [{ name: "tomogram", required: true, description: "Read by nobody." },
             { name: "note", required: false, description: "The note before." }],
    outputs: [{ name: "note", file: "note.txt", description: "The line." }],
    columns: ["id"], classFields: [],
  }),
  run: ({ rows, parameters, outputs }) => writeFile(outputs.note, rows[0].id + " " + parameters.word + "\\n"),
};
`;

/** `rows` small inputs through `steps` steps: a task a row and step. */
export function makeTableProject(folder: string, { rows, steps }: { rows: number; steps: number }): void {
  mkdirSync(join(folder, "data"), { recursive: true });
  const ids = Array.from({ length: rows }, (_, index) => `t${index}`);
  for (const id of ids) writeFileSync(join(folder, "data", `${id}.mrc`), `tomogram ${id}\n`);
  const table = ids.map((id) => `${id},data/${id}.mrc`).join("\n");
  writeFileSync(join(folder, "rows.csv"), `id,tomogram\n${table}\n`);
  const stepText = (index: number) =>
    `  s${index}: {uses: ./note.mjs, from: ${index === 0 ? "tomograms" : `s${index - 1}`}, with: {word: s${index}}}\n`;
  writeWorkflow(folder, "rows.csv", Array.from({ length: steps }, (_, index) => stepText(index)).join(""));
}

/** One step over `files` inputs of `bytes` together, for all three programs. */
export function makeLargeProject(
  folder: string,
  { files, bytes }: { readonly files: number; readonly bytes: number },
): void {
  mkdirSync(join(folder, "data"), { recursive: true });
  for (let index = 0; index < files; index++) {
    const path = join(folder, "data", `t${index}.mrc`);
    writeSync(openSync(path, "w"), `tomogram ${index}\n`);
    // a hole takes no room on the disk, and is read and hashed like anything else
    truncateSync(path, Math.floor(bytes / files));
  }
  writeWorkflow(folder, "{glob: data/*.mrc}", "  note: {uses: ./note.mjs}\n");
  const ids = Array.from({ length: files }, (_, index) => `t${index}`);
  writeFileSync(join(folder, "dvc.yaml"), dvcText(ids));
  writeFileSync(join(folder, "Snakefile"), snakeText(ids));
}

function writeWorkflow(folder: string, tomograms: string, steps: string): void {
  writeFileSync(join(folder, "note.mjs"), copyStep);
  writeFileSync(
    join(folder, "workflow.yaml"),
    `version: 1\nname: bench\ntomograms: ${tomograms}\nsteps:\n${steps}`,
  );
}

const dvcText = (ids: readonly string[]): string => `stages:
  note:
    foreach: [${ids.join(", ")}]
    do:
      cmd: mkdir -p notes && echo \${item} done > notes/\${item}.txt
      deps: ["data/\${item}.mrc"]
      outs: ["notes/\${item}.txt"]
`;

const snakeText = (ids: readonly string[]): string => `IDS = [${ids.map((id) => `"${id}"`).join(", ")}]
rule all:
    input: expand("snake/{id}.txt", id=IDS)
rule note:
    input: "data/{id}.mrc"
    output: "snake/{id}.txt"
    shell: "echo {wildcards.id} done > {output}"
`;
