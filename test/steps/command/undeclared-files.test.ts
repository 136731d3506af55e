import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { loadWorkflow } from "../../../src/schema/load-workflow.ts";
import { stepKinds } from "../../../src/steps/catalog.ts";
import { folderWith } from "../../support/workflow-folder.ts";

const files = [
  "data/t0.mrc",
  "data/t1.mrc",
  "scripts/a b.py",
  "scripts/denoise.py",
  "models/n2n.pt",
  "notes",
  ".venv/bin/python",
];

interface Told {
  readonly severity: string;
  readonly line: number | undefined;
  readonly message: string;
  readonly hint?: string;
}

/** What loading a workflow says whose only step has these parameters. */
async function told(
  context: TestContext,
  parameters: (folder: string) => object,
  { params = {}, row = {} } = {},
): Promise<readonly Told[]> {
  const folder = await folderWith(context, files);
  await symlink(join(folder, "scripts/denoise.py"), join(folder, "linked.py"));
  await symlink(join(folder, "scripts"), join(folder, "elsewhere"));
  const step = {
    uses: "command",
    with: { inputs: ["tomogram"], outputs: { out: "out.mrc" }, ...parameters(folder) },
  };
  const rows = [0, 1].map((index) => ({ id: `t${index}`, tomogram: `data/t${index}.mrc`, ...row }));
  const path = join(folder, "workflow.yaml");
  await writeFile(
    path,
    JSON.stringify({ version: 1, params, tomograms: rows, steps: { denoise: step } }, null, 1),
  );
  const { diagnostics } = await loadWorkflow(path, {
    catalog: stepKinds,
    environment: { MODEL: join(folder, "models/n2n.pt") },
  });
  return diagnostics.map(({ severity, message, hint, location }) => ({
    severity,
    line: location?.line,
    message: message.replaceAll(folder, "PROJECT"),
    ...(hint !== undefined && { hint: hint.replaceAll(folder, "PROJECT") }),
  }));
}

const wordsOf = (found: readonly Told[]): readonly string[] =>
  found.map(({ message }) => /^(.*) is a file/.exec(message)?.[1] ?? message);

test("a file of the project that a word names is told, with what to write", async (context) => {
  const run = (folder: string) => ({
    run: ["python3", join(folder, "scripts/denoise.py"), "{inputs.tomogram}"],
  });
  const [found, ...more] = await told(context, run);
  assert.deepEqual(more, []);
  assert.equal(found?.severity, "warning");
  assert.equal(
    found.message,
    "PROJECT/scripts/denoise.py is a file of the project, and tomoflow would not see it change",
  );
  assert.equal(
    found.hint,
    'name it, files: {denoise: PROJECT/scripts/denoise.py}, and write "{files.denoise}" here',
  );
});

test("relative, after =, in lists, behind a short option, with blanks, through links, as the program itself", async (context) => {
  const words = (folder: string) => [
    "scripts/denoise.py",
    "notes",
    `--in=${join(folder, "models/n2n.pt")}`,
    "--pair=models/n2n.pt,linked.py",
    `-m${join(folder, "models/n2n.pt")}`,
    `@${join(folder, "notes")}`,
    join(folder, "scripts/a b.py"),
    join(folder, "elsewhere/denoise.py"),
    `${join(folder, "models/n2n.pt")}:/in:ro`,
  ];
  assert.deepEqual(wordsOf(await told(context, (folder) => ({ run: ["prog", ...words(folder)] }))), [
    "scripts/denoise.py",
    "notes",
    "PROJECT/models/n2n.pt",
    "linked.py",
    "models/n2n.pt",
    "PROJECT/models/n2n.pt",
    "PROJECT/notes",
    "PROJECT/scripts/a b.py",
    "PROJECT/elsewhere/denoise.py",
    "PROJECT/models/n2n.pt",
  ]);
  assert.deepEqual(
    wordsOf(await told(context, (folder) => ({ run: [join(folder, "scripts/denoise.py")] }))),
    ["PROJECT/scripts/denoise.py"],
  );
});

test("the hint keeps what stands around the file", async (context) => {
  const [found] = await told(context, () => ({ run: ["prog", "--in=models/n2n.pt"] }));
  assert.equal(found?.hint, 'name it, files: {n2n: models/n2n.pt}, and write "--in={files.n2n}" here');
});

test("in scripts, in code for an interpreter and in the environment", async (context) => {
  const script = await told(context, (folder) => ({
    shell: `set -x\npython3 ${join(folder, "scripts/denoise.py")} --model="${join(folder, "models/n2n.pt")}" > "$outputs_out"\n`,
  }));
  assert.deepEqual(wordsOf(script), ["PROJECT/scripts/denoise.py", "PROJECT/models/n2n.pt"]);
  assert.match(script[0]!.hint!, /write "\$files_denoise" here$/);
  const code = await told(context, (folder) => ({
    run: ["bash", "-c", `cat ${join(folder, "scripts/denoise.py")}; true`],
  }));
  assert.deepEqual(wordsOf(code), ["PROJECT/scripts/denoise.py"]);
  const variables = await told(context, (folder) => ({
    run: ["prog"],
    environment: { MODEL: "${env.MODEL}", EXTRA: `x:${join(folder, "notes")}`, LEVEL: 3 },
  }));
  assert.deepEqual(wordsOf(variables), ["PROJECT/models/n2n.pt", "PROJECT/notes"]);
});

test("by way of params, and of the row's column", async (context) => {
  const params = { script: "scripts/denoise.py" };
  assert.deepEqual(
    wordsOf(await told(context, () => ({ run: ["python3", "${params.script}"] }), { params })),
    ["scripts/denoise.py"],
  );
  const row = { script: "scripts/denoise.py" };
  const byRow = await told(context, () => ({ run: ["python3", "${row.script}"] }), { row });
  assert.deepEqual(
    byRow.map(({ severity, message }) => [severity, message]),
    [
      [
        "warning",
        "scripts/denoise.py is a file of the project, and tomoflow would not see it change (rows t0, t1)",
      ],
    ],
  );
});

test("~ is told to be no folder without a shell", async (context) => {
  const folder = await folderWith(context, []);
  const inHome = relative(homedir(), join(folder, "model.pt"));
  await writeFile(join(folder, "model.pt"), "");
  const [found] = await told(context, () => ({ run: ["prog", `~/${inHome}`] }));
  assert.match(found!.message, /model\.pt is a file, and tomoflow would not see it change$/);
  assert.match(found!.hint!, /; without a shell ~ means nothing$/);
});

test("what is declared, an output, installed, or no file at all is not told", async (context) => {
  const fine = await told(context, (folder) => ({
    files: { script: "scripts/denoise.py", linked: "models/n2n.pt" },
    run: [
      join(folder, ".venv/bin/python"),
      join(folder, "scripts/denoise.py"),
      join(folder, "linked.py"),
      "{files.script}",
      "--out=out.mrc",
      "data",
      "2",
      join(folder, "absent.py"),
      process.execPath,
      "/dev/null",
      '{"a": 1}',
    ],
  }));
  assert.deepEqual(fine, []);
});

test("an output that is a folder and declared as a file is refused before anything runs, where that can be seen", async (context) => {
  const refused = async (parameters: object) =>
    (await told(context, () => parameters)).map(({ severity, message }) => [severity, message]);
  const expected = [["error", "the output out is a folder, and declared as a file"]];
  const frames = { out: "frames/" };
  assert.deepEqual(await refused({ run: ["prog"], outputs: frames }), []);
  assert.deepEqual(await refused({ run: ["mkdir", "-p", "{outputs.out}"], outputs: frames }), []);
  assert.deepEqual(await refused({ shell: "prog", stdout: "out", outputs: frames }), [
    ["error", "the output out is a folder, and stdout is written into a file"],
  ]);
  assert.deepEqual(await refused({ run: ["mkdir", "-p", "{outputs.out}"] }), expected);
  assert.deepEqual(await refused({ shell: 'mkdir -p "$outputs_out"\ntouch "$outputs_out/a"\n' }), expected);
  assert.deepEqual(
    await refused({ shell: 'mkdir -p "$(dirname "$outputs_out")" && touch "$outputs_out"\n' }),
    [],
  );
});
