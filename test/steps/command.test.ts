import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { TomoflowError } from "../../src/core/error.ts";
import { type CommandParameters, command } from "../../src/steps/command.ts";
import { isProcess, until } from "../support/process-life.ts";
import { stepContext } from "../support/step-context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const node = process.execPath;
/** Writes its arguments after the first to the file that the first names, as JSON. */
const writeArguments = 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))';

interface Trial {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function trial(folder: string, { parameters, ...rest }: Trial) {
  const outputs = parameters.outputs ?? { out: "out.txt" };
  return stepContext(command, folder, { classes: [], parameters: { ...parameters, outputs }, ...rest });
}

const failure = async (folder: string, given: Trial): Promise<TomoflowError> => {
  const error = await command.run(trial(folder, given)).then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(error instanceof TomoflowError, String(error));
  return error;
};

test("words reach the program as they are, whatever is in them", async (context) => {
  const folder = join(await temporaryFolder(context), "a folder; with $HOME 'and' \"quotes\"");
  await mkdir(folder);
  const odd = ["", "two words", "$HOME", "`id`", "*", "a;b", "line\nbreak", "'", '"', "\\", "ü🧊"];
  const tomogram = join(folder, "a b.mrc");
  await command.run(
    trial(folder, {
      parameters: {
        inputs: ["tomogram"],
        run: [node, "-e", writeArguments, "{outputs.out}", ...odd, "in={inputs.tomogram}", "{threads}", 2.5],
      },
      files: { tomogram },
    }),
  );
  const written = JSON.parse(await readFile(join(folder, "out.txt"), "utf8"));
  assert.deepEqual(written, [...odd, `in=${tomogram}`, "1", "2.5"]);
});

test("braces that name nothing of the step are the program's own", async (context) => {
  const folder = await temporaryFolder(context);
  const run = [node, "-e", writeArguments, "{outputs.out}", '{"a": 1}', "{{threads}}", "{ print $1 }", "{}"];
  const given = trial(folder, { parameters: { run } });
  assert.deepEqual(command.check!({ ...given.parameters }), []);
  await command.run(given);
  const written = JSON.parse(await readFile(join(folder, "out.txt"), "utf8"));
  assert.deepEqual(written, ['{"a": 1}', "{threads}", "{ print $1 }", "{}"]);
});

test("an output under the program's own name is taken from its working folder, the rest is thrown away", async (context) => {
  const folder = await temporaryFolder(context);
  await command.run(
    trial(folder, {
      parameters: {
        shell: "echo made > made.txt; echo scratch > scratch.tmp",
        outputs: { made: "made.txt" },
      },
    }),
  );
  assert.deepEqual(await readdir(folder), ["made.txt"]);
  assert.equal(await readFile(join(folder, "made.txt"), "utf8"), "made\n");
});

test("a script gets its files in variables and stops at the first failure, in a pipe too", async (context) => {
  const folder = await temporaryFolder(context);
  const tomogram = join(folder, "a b.txt");
  await writeFile(tomogram, "3\n1\n2\n");
  const parameters = { inputs: ["tomogram"], shell: 'sort "$inputs_tomogram" | head -2 > "$outputs_out"' };
  await command.run(trial(folder, { parameters, files: { tomogram } }));
  assert.equal(await readFile(join(folder, "out.txt"), "utf8"), "1\n2\n");
  const broken = { shell: 'false | cat; echo on > "$outputs_out"' };
  assert.equal((await failure(folder, { parameters: broken })).code, "program-failed");
});

test("standard output becomes an output; variables and environment reach the program", async (context) => {
  const folder = await temporaryFolder(context);
  const script = "console.log(process.env.GREETING, process.env.OMP_NUM_THREADS, process.env.outputs_out)";
  const parameters = {
    run: [node, "-e", script],
    stdout: "out",
    environment: { GREETING: "hello {threads}" },
  };
  const given = trial(folder, { parameters });
  await command.run(given);
  const written = await readFile(join(folder, "out.txt"), "utf8");
  assert.equal(written, `hello 1 ${process.env.OMP_NUM_THREADS ?? 1} ${join(folder, "out.txt")}\n`);
  assert.deepEqual(
    given.reports.filter(({ type }) => type === "log").length,
    1,
    "only the command line is logged",
  );
});

test("a failure tells the exit status and the last lines on standard error", async (context) => {
  const folder = await temporaryFolder(context);
  const script = 'for n in $(seq 1 20); do echo "line $n" >&2; done; echo "on stdout"; exit 3';
  const error = await failure(folder, { parameters: { run: ["sh", "-c", script] } });
  assert.equal(error.code, "program-failed");
  const lines = Array.from({ length: 8 }, (_, index) => `\n    line ${index + 13}`).join("");
  assert.equal(error.message, `sh ended with exit status 3; the last it wrote:${lines}`);
  const quiet = await failure(folder, { parameters: { run: ["sh", "-c", "exit 4"] } });
  assert.equal(quiet.message, "sh ended with exit status 4; it wrote nothing");
});

test("a crash, a missing program and a missing output are told as such", async (context) => {
  const folder = await temporaryFolder(context);
  const plain = join(folder, "plain.sh");
  await writeFile(plain, "echo hello\n");
  const orphan = join(folder, "orphan.sh");
  await writeFile(orphan, "#!/no/such/interpreter\n");
  await chmod(orphan, 0o755);
  const codeOf = async (run: readonly string[]) => (await failure(folder, { parameters: { run } })).code;
  assert.equal(await codeOf(["sh", "-c", "kill -SEGV $$"]), "program-crashed");
  assert.equal(await codeOf(["no-such-program-here"]), "program-missing");
  assert.equal(await codeOf([plain]), "program-not-executable");
  assert.match((await failure(folder, { parameters: { run: [orphan] } })).message, /interpreter/);
  const nothing = await failure(folder, { parameters: { run: ["true"] } });
  assert.equal(nothing.code, "output-not-written");
  assert.match(nothing.message, /true ended well but did not write out/);
});

test("stopping ends the program and what it has started", async (context) => {
  const folder = await temporaryFolder(context);
  const pids = join(folder, "pids");
  const stop = new AbortController();
  const shell = `sleep 300 & echo "$$ $!" > ${pids}.new; mv ${pids}.new ${pids}; wait`;
  const ended = command.run(trial(folder, { parameters: { shell }, signal: stop.signal })).then(
    () => "done",
    (error: Error) => error.name,
  );
  const text = await until(() => readFile(pids, "utf8").catch(() => undefined));
  const both = text.trim().split(" ").map(Number);
  assert.equal(both.length, 2);
  assert.ok(both.every(isProcess));
  stop.abort();
  assert.equal(await ended, "AbortError");
  await until(async () => !both.some(isProcess) || undefined);
});

test("what a program leaves behind in the background ends with it", async (context) => {
  const folder = await temporaryFolder(context);
  await command.run(
    trial(folder, { parameters: { shell: 'sleep 300 >/dev/null 2>&1 & echo "$!" > "$outputs_out"' } }),
  );
  const pid = Number(await readFile(join(folder, "out.txt"), "utf8"));
  assert.ok(pid > 1);
  await until(async () => !isProcess(pid) || undefined);
});

test("the program is looked for before anything starts", async (context) => {
  const folder = await temporaryFolder(context);
  const plain = join(folder, "plain.sh");
  await writeFile(plain, "echo hello\n");
  const codes = async (parameters: Partial<CommandParameters>) =>
    (await command.preflight!(trial(folder, { parameters }))).map(({ code }) => code);
  assert.deepEqual(await codes({ run: ["sh", "-c", "true"] }), []);
  assert.deepEqual(await codes({ shell: "true" }), []);
  assert.deepEqual(await codes({ run: ["no-such-program-here"] }), ["program-missing"]);
  assert.deepEqual(await codes({ run: ["sh"], environment: { PATH: folder } }), ["program-missing"]);
  assert.deepEqual(await codes({ run: ["{files.script}"], files: { script: plain } }), [
    "program-not-executable",
  ]);
});

const wrong: readonly [string, Readonly<Record<string, unknown>>, RegExp][] = [
  ["nothing to run", {}, /^ there is no command \(give run/],
  ["two ways at once", { run: ["a"], shell: "b" }, /^shell run and shell are both given/],
  [
    "a typing error",
    { run: ["a", "{output.out}"] },
    /^run\.1 .*\{output\.out\} \(did you mean \{outputs\.out\}/,
  ],
  [
    "a script beside the workflow",
    { run: ["python3", "./steps/denoise.py"] },
    /^run\.1 .* \(name it, files: \{denoise: \.\/steps\/denoise\.py\}, and write "\{files\.denoise\}" here/,
  ],
  [
    "a path pasted into a script",
    { inputs: ["tomogram"], shell: "cat {inputs.tomogram}" },
    /^shell .* \(write "\$inputs_tomogram", in double quotes/,
  ],
  [
    "a value pasted into a script",
    { shell: "echo ${row.name}" },
    /^shell \$\{row\.name\} .*environment: \{NAME/,
  ],
  ["a column that hides itself", { run: ["a"], inputs: ["out"] }, /^inputs\.0 out is an input and an output/],
  [
    "stdout without an output",
    { run: ["a"], stdout: "ouT" },
    /^stdout there is no output ouT \(did you mean out\?/,
  ],
  [
    "a column that is not among the inputs",
    { run: ["a", "{tomogram}"] },
    /^run\.1 nothing is called \{tomogram\} \(there are \{.*\}; `inputs` lists the columns that it reads; \{\{tomogram\}\} is literal/,
  ],
  [
    "an output without its group",
    { run: ["a", "{out}"] },
    /^run\.1 nothing is called \{out\} \(did you mean \{outputs\.out\}\?; /,
  ],
  [
    "an unknown name in a variable",
    { run: ["a"], environment: { A: "{thread}" } },
    /^environment\.A .*threads/,
  ],
];

for (const [title, parameters, expected] of wrong)
  test(`mistake: ${title}`, async (context) => {
    const given = trial(await temporaryFolder(context), { parameters });
    const mistakes = command.check!({ ...given.parameters });
    assert.equal(mistakes.length, 1, JSON.stringify(mistakes));
    const [{ path, message, hint }] = mistakes as [(typeof mistakes)[0]];
    assert.match(`${path.join(".")} ${message} (${hint}`, expected);
  });

test("a folder where a file is declared is told, and how to declare it; so is a file for a folder", async (context) => {
  for (const shell of ['mkdir "${outputs_out}x" && mv "${outputs_out}x" "$outputs_out"', "mkdir out.txt"]) {
    const folder = await temporaryFolder(context);
    const error = await failure(folder, { parameters: { shell } });
    assert.equal(error.code, "folder-output");
    assert.equal(error.message, "bash ended well, but the output out is a folder, and declared as a file");
    assert.equal(error.hint, "put a slash behind its name, outputs: {out: out.txt/}, or write one file");
  }
  const outputs = { out: "frames/" };
  const error = await failure(await temporaryFolder(context), {
    parameters: { shell: "touch frames", outputs },
  });
  assert.equal(error.code, "file-output");
  assert.match(error.hint!, /^take the slash from its name, outputs: \{out: frames\}/);
});

test("an output that is a folder is taken from where it was to go, or from the working folder", async (context) => {
  for (const shell of [
    'mkdir "$outputs_frames" && echo 1 > "$outputs_frames/1.txt" && ln -s 1.txt "$outputs_frames/2.txt"',
    "mkdir -p frames && echo 1 > frames/1.txt && ln frames/1.txt frames/2.txt",
  ]) {
    const folder = await temporaryFolder(context);
    await command.run(trial(folder, { parameters: { shell, outputs: { frames: "frames/" } } }));
    assert.deepEqual(await readdir(folder), ["frames"]);
    for (const name of ["1.txt", "2.txt"]) {
      assert.equal(await readFile(join(folder, "frames", name), "utf8"), "1\n");
      assert.ok((await lstat(join(folder, "frames", name))).isFile());
    }
  }
});

test("an output that is a link is a file of its own afterwards, and what it led to stays as it is", async (context) => {
  const cases = {
    "link to the input": 'ln -s "$inputs_tomogram" "$outputs_out"',
    "hard link of the input": 'ln "$inputs_tomogram" "$outputs_out"',
    "link in the working folder": 'ln -s "$inputs_tomogram" out.txt',
    "hard link in the working folder": 'ln "$inputs_tomogram" out.txt',
    "link into the working folder": 'printf content > data; ln -s "$PWD/data" "$outputs_out"',
    "link in the working folder to its neighbour": "printf content > data; ln -s data out.txt",
    "folder of the input": 'ln -s "$(dirname "$inputs_tomogram")" sub',
  };
  for (const [name, shell] of Object.entries(cases)) {
    const folder = await temporaryFolder(context);
    const tomogram = join(folder, "data", "in.txt");
    await mkdir(join(folder, "data"));
    await writeFile(tomogram, "content");
    const before = await stat(tomogram);
    const outputs = { out: name.startsWith("folder") ? "sub/in.txt" : "out.txt" };
    const given = trial(folder, {
      parameters: { inputs: ["tomogram"], shell, outputs },
      files: { tomogram },
    });
    await mkdir(dirname(given.outputs.out!), { recursive: true });
    await command.run(given);
    const after = await stat(tomogram);
    assert.deepEqual([after.ino, after.mtimeMs, after.mode], [before.ino, before.mtimeMs, before.mode], name);
    const made = await lstat(given.outputs.out!);
    // a hard link is passed on as one: the runner, and a step alone, make it a file of its own
    if (name.startsWith("hard")) assert.ok(made.isFile() && made.nlink === 2, name);
    else assert.ok(made.isFile() && made.nlink === 1 && made.ino !== before.ino, name);
    assert.equal(await readFile(given.outputs.out!, "utf8"), "content", name);
  }
});

test("an output that is a pipe or a link to nothing is refused by its name", async (context) => {
  for (const [shell, code, message] of [
    ['mkfifo "$outputs_out"', "special-output", /the output out is a pipe/],
    ["mkfifo out.txt", "special-output", /the output out is a pipe/],
    ['ln -s nowhere "$outputs_out"', "output-not-written", /the output out is a link to nothing/],
  ] as const) {
    const error = await failure(await temporaryFolder(context), { parameters: { shell } });
    assert.equal(error.code, code);
    assert.match(error.message, message);
  }
});
