import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { stepKinds } from "../../../src/steps/catalog.ts";
import { goodWorkflow, loadText } from "../../support/workflow-folder.ts";

/** `code, line: message` of what is wrong. */
const told = async (context: TestContext, text: string, options: Parameters<typeof loadText>[2] = {}) =>
  (await loadText(context, text, options)).result.diagnostics.map(
    ({ code, message, location }) => `${code}, ${location?.line}: ${message}`,
  );

const rowsOf = (...ids: readonly string[]) =>
  `version: 1\nname: rows\nclasses: {1: {name: a, radius: 3}}\ntomograms:\n${ids
    .map((id) => `  - {id: ${id}, tomogram: data/t0.mrc, objects: data/t0.xml}\n`)
    .join("")}steps: {target: {uses: target}}\n`;

test("names that Windows keeps for devices, in any letters and with an ending", async (context) => {
  assert.deepEqual(await told(context, rowsOf("aux", "Com1.x", "console", "nul2")), [
    `unsafe-id, 5: "aux" cannot be a row's id: it is a name that Windows keeps for a device`,
    `unsafe-id, 6: "Com1.x" cannot be a row's id: it is a name that Windows keeps for a device`,
  ]);
  const step = goodWorkflow
    .replace("cluster:  {uses: cluster", "PRN: {uses: cluster")
    .replace("from: cluster", "from: PRN");
  assert.deepEqual(await told(context, step), [
    "unsafe-name, 26: step PRN is a name that Windows keeps for a device",
  ]);
  assert.deepEqual(await told(context, goodWorkflow.replace("name: chlamy", "name: nul")), [
    "unsafe-name, 2: the name of the workflow, nul, is a name that Windows keeps for a device",
  ]);
  const out = goodWorkflow.replace("uses: cluster,", "uses: cluster, out: picks/lpt1/x,");
  assert.deepEqual(await told(context, out), [
    "unsafe-out, 26: out of step cluster: lpt1 is a name that Windows keeps for a device",
  ]);
});

test("very long names are refused before a disk does it", async (context) => {
  const long = "x".repeat(250);
  assert.deepEqual(await told(context, rowsOf(long)), [
    `unsafe-id, 5: ${"x".repeat(59)}… cannot be a row's id: it is too long: 250 bytes, and at most 200 will do`,
  ]);
  const row = "r".repeat(190);
  const step = `${"s".repeat(60)}`;
  const together = rowsOf(row).replace("steps: {target:", `steps: {${step}:`);
  assert.deepEqual(await told(context, together), [
    `unsafe-id, 5: step ${"s".repeat(60)} and row ${"r".repeat(59)}… together have 251 letters, and at most 220 will do`,
  ]);
  const variant = `${goodWorkflow.replace("name: chlamy", `name: ${"n".repeat(150)}`)}variants: {${"v".repeat(80)}: {epochs: 1}}\n`;
  assert.deepEqual(await told(context, variant, { variant: "v".repeat(80) }), [
    `unsafe-name, 2: the name of the workflow, ${"n".repeat(59)}…, is too long: 231 bytes, and at most 200 will do`,
  ]);
});

test("control characters are refused where they stand", async (context) => {
  const nul = goodWorkflow.replace("data/t2.mrc,", '"data/t2\\0.mrc",');
  assert.deepEqual((await loadText(context, nul)).messages, [
    `workflow.yaml:9:24: error: this text holds the control character U+0000
    - {id: t2, tomogram: "data/t2\\0.mrc", split: test}
                         ^^^^^^^^^^^^^^^
  hint: take it out: no file and no program can have it in a name`,
  ]);
  const out = goodWorkflow.replace("uses: cluster,", 'uses: cluster, out: "picks\\n",');
  assert.deepEqual(await told(context, out), [
    "unsafe-out, 26: out of step cluster holds the control character U+000A",
  ]);
  const table = goodWorkflow.replace(/tomograms:\n( {2}- .*\n)+/, "tomograms: rows.csv\n");
  const files = { "rows.csv": "id,tomogram,objects,split\nt0,data/t0\0.mrc,data/t0.xml,train\n" };
  assert.match(
    (await told(context, table, { files })).join("\n"),
    /control-character, 2: this cell holds the control character U\+0000/,
  );
});

test("the file of an output: control characters, device names, length, and a dot at the end", async (context) => {
  const wrong = async (file: string) => {
    const step = { uses: "command", with: { run: ["true"], outputs: { out: file } } };
    const text = JSON.stringify({ version: 1, tomograms: [{ id: "t0" }], steps: { s: step } });
    const { result } = await loadText(context, text, { catalog: stepKinds });
    return result.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  };
  const refused = (shown: string, fault: string) => [
    `unsafe-output: the file of output out of step s, ${shown}, ${fault}`,
  ];
  assert.deepEqual(
    await wrong("a\u0007b.mrc"),
    refused('"a\\u0007b.mrc"', "holds the control character U+0007"),
  );
  assert.deepEqual(await wrong("con.mrc"), refused("con.mrc", "is a name that Windows keeps for a device"));
  assert.deepEqual(
    await wrong("x/aux/y.mrc"),
    refused("x/aux/y.mrc", "aux is a name that Windows keeps for a device"),
  );
  assert.deepEqual(
    await wrong("y.mrc."),
    refused("y.mrc.", "ends with a dot or a blank, which Windows drops"),
  );
  assert.match((await wrong("y".repeat(300))).join("\n"), /is too long: 300 bytes, and at most 200 will do$/);
  assert.deepEqual(await wrong("über 1.mrc"), []);
});

test("an input or output may be called constructor", async (context) => {
  const good = {
    inputs: ["constructor"],
    outputs: { toString: "a.txt" },
    run: ["cp", "{inputs.constructor}", "{outputs.toString}"],
  };
  const text = JSON.stringify({
    version: 1,
    tomograms: [{ id: "t0", constructor: "data/t0.mrc" }],
    steps: {
      s: { uses: "command", with: good },
      next: {
        uses: "command",
        from: "s",
        with: {
          ...good,
          outputs: { valueOf: "b.txt" },
          inputs: ["toString"],
          run: ["cp", "{inputs.toString}", "{outputs.valueOf}"],
        },
      },
    },
  });
  const { messages } = await loadText(context, text, { catalog: stepKinds });
  assert.deepEqual(messages, []);
  const missing = JSON.stringify({
    version: 1,
    tomograms: [{ id: "t0" }],
    steps: { s: { uses: "command", with: good } },
  });
  assert.match(
    (await loadText(context, missing, { catalog: stepKinds })).messages.join("\n"),
    /step s needs a column constructor, which the table does not have/,
  );
  const stdout = JSON.stringify({
    version: 1,
    tomograms: [{ id: "t0" }],
    steps: { s: { uses: "command", with: { run: ["true"], outputs: { out: "a" }, stdout: "constructor" } } },
  });
  assert.match(
    (await loadText(context, stdout, { catalog: stepKinds })).messages.join("\n"),
    /there is no output constructor/,
  );
});

test("names that every object has are no names of anything", async (context) => {
  const wrong = async (expression: string) => {
    const found = await told(context, goodWorkflow.replace('"${params.epochs}"', JSON.stringify(expression)));
    assert.equal(found.length, 1, found.join("\n"));
    return found[0]!.replace(/^[^:]*: /, "");
  };
  assert.equal(await wrong("${env.constructor}"), "${env.constructor} has no value");
  assert.equal(await wrong("${env.__proto__}"), "${env.__proto__} has no value");
  assert.equal(await wrong("${params.toString}"), "${params.toString} has no value");
  assert.equal(await wrong("${params.epochs.constructor}"), "${params.epochs.constructor} has no value");
  const row = goodWorkflow.replace(
    "cluster:  {uses: cluster, from: segment}",
    'cluster: {uses: cluster, from: segment, with: {radius: "${row.valueOf}"}}',
  );
  assert.match((await told(context, row)).join("\n"), /the table of segment has no column valueOf/);
  assert.match(
    (await told(context, goodWorkflow.replace("uses: cluster,", "uses: constructor,"))).join("\n"),
    /there is no step kind constructor/,
  );
  assert.match(
    (await told(context, goodWorkflow, { variant: "constructor" })).join("\n"),
    /there is no variant constructor/,
  );
  assert.match(
    (await told(context, goodWorkflow, { set: { constructor: "1" } })).join("\n"),
    /there is no param constructor/,
  );
  assert.match(
    (await told(context, goodWorkflow.replace("where: {split: test}", "where: {hasOwnProperty: x}"))).join(
      "\n",
    ),
    /there is no column hasOwnProperty/,
  );
});

test("__proto__ is no key and no id; names such as constructor are names like others", async (context) => {
  for (const text of [
    goodWorkflow.replace("epochs: 100", "epochs: 100, __proto__: {a: 1}"),
    goodWorkflow.replace("  cluster:  {", "  __proto__: {"),
    goodWorkflow.replace("id: t2,", "id: t2, __proto__: 3,"),
  ])
    assert.match((await told(context, text)).join("\n"), /^bad-key, \d+: __proto__ cannot be a key/);
  assert.match((await told(context, rowsOf("__proto__"))).join("\n"), /"__proto__" cannot be a row's id/);
  const good = goodWorkflow
    .replace("params: {epochs: 100}", "params: {epochs: 100, constructor: 2}")
    .replaceAll("t2", "toString")
    .replace("  cluster:", "  constructor:")
    .replace("from: cluster", "from: constructor");
  assert.deepEqual(await told(context, good, { files: { "data/toString.mrc": "" } }), []);
});
