/** Files of one kind where another is taken: told before any work, at the word that is wrong. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fits, type Holding, holdings } from "../../../src/schema/holding.ts";
import type { StepCatalog, StepDescription } from "../../../src/schema/step-description.ts";
import { toyCatalog } from "../../support/toy-kinds.ts";
import { goodWorkflow, loadText } from "../../support/workflow-folder.ts";

/** Everything that is said of the workflow in which `step` stands in place of its cluster, evaluate or segment. */
async function told(context: TestContext, text: string, catalog: StepCatalog = toyCatalog) {
  return (await loadText(context, text, { catalog })).messages;
}

const withCluster = (fields: string) =>
  goodWorkflow.replace(
    "cluster:  {uses: cluster, from: segment}",
    `cluster:  {uses: cluster, from: segment, ${fields}}`,
  );
const withSegment = (fields: string) => goodWorkflow.replace('{weights: "${train.weights}"}', `{${fields}}`);

test("an output of another kind is told with a caret, and which column is meant", async (context) => {
  assert.deepEqual(await told(context, withCluster('with: {labels: "${train.weights}"}')), [
    `workflow.yaml:26:60: error: \${train.weights} holds the weights of a network, but labels of step cluster takes a label map
    cluster:  {uses: cluster, from: segment, with: {labels: "\${train.weights}"}}
                                                             ^^^^^^^^^^^^^^^^
  hint: leave it out to read the column labels`,
  ]);
});

test("a parameter that takes a file is told what the outputs hold that could be meant", async (context) => {
  assert.deepEqual(await told(context, withSegment('weights: "${train.history}"')), [
    `workflow.yaml:25:22: error: \${train.history} holds a table of figures, but weights of step segment takes the weights of a network
      with: {weights: "\${train.history}"}
                       ^^^^^^^^^^^^^^^^
  hint: did you mean \${train.weights}?`,
  ]);
  const each = await told(context, withSegment('weights: ["${train.weights}", "${train.history}"]'));
  assert.deepEqual(
    each.map((message) => message.split(" holds ")[0]),
    ["workflow.yaml:25:43: error: ${train.history}"],
    "each of a list",
  );
});

test("a column of the table is told by what other steps read in it", async (context) => {
  assert.deepEqual(await told(context, withCluster('with: {labels: "${row.tomogram}"}')), [
    `workflow.yaml:26:60: error: \${row.tomogram} holds a volume of densities, but labels of step cluster takes a label map
    cluster:  {uses: cluster, from: segment, with: {labels: "\${row.tomogram}"}}
                                                             ^^^^^^^^^^^^^^^
  hint: leave it out to read the column labels`,
  ]);
  const target = goodWorkflow.replace(
    "{strategy: spheres}",
    '{strategy: spheres, objects: "${row.tomogram}"}',
  );
  const [first] = await told(context, target);
  assert.match(
    String(first),
    /16:\d+: error: \$\{row\.tomogram\} holds a volume of densities, but objects of step target/,
  );
  assert.match(String(first), /hint: leave it out to read the column objects/);
});

test("a column that an earlier step wrote and that is read by its name is told at from", async (context) => {
  const kind = { ...(toyCatalog.get("cluster") as StepDescription), name: "trace" };
  const trace = {
    ...kind,
    ports: () => ({
      ...kind.ports({}),
      outputs: [{ name: "labels", file: "labels.csv", description: "Lines.", holds: "table" as const }],
    }),
  };
  const text = `${goodWorkflow}  trace: {uses: trace, from: segment}\n  again: {uses: cluster, from: trace}\n`;
  assert.deepEqual(await told(context, text, new Map([...toyCatalog, ["trace", trace]])), [
    `workflow.yaml:29:32: error: the column labels of trace holds a table of figures, but labels of step again takes a label map
    again: {uses: cluster, from: trace}
                                 ^^^^^
  hint: there are \${segment.labels}, \${target.target}`,
  ]);
});

test("labels as densities are a warning: it can be meant", async (context) => {
  const text = `${goodWorkflow}  again:
    uses: segment
    from: segment
    with: {weights: "\${train.weights}", tomogram: "\${row.labels}"}
`;
  const { result } = await loadText(context, text);
  assert.ok(result.ok);
  assert.deepEqual(
    result.diagnostics.map(({ severity, code, hint }) => [severity, code, hint]),
    [["warning", "wrong-file-kind", "leave it out to read the column tomogram"]],
  );
});

test("what holds nothing that is said is given to anything: no word of it", async (context) => {
  const texts = [
    goodWorkflow,
    withCluster('with: {labels: "${row.merged}"}')
      .replace("from: segment, with", "from: merge, with")
      .replace("  cluster:", "  merge: {uses: trace, from: segment}\n  cluster:"),
    withCluster("with: {labels: data/t0.mrc}"),
    withSegment('weights: "${train.weights}", mask: "${row.labels}"').replace(
      "from: tomograms\n    where: {split: test}",
      "from: first",
    ),
  ];
  const silent = (name: string): StepDescription => {
    const kind = toyCatalog.get("cluster") as StepDescription;
    const outputs = [{ name: "merged", file: "merged.bin", description: "Something." }];
    return { ...kind, name, ports: () => ({ ...kind.ports({}), inputs: [], outputs }) };
  };
  const catalog = new Map([...toyCatalog, ["trace", silent("trace")]]);
  const first = "  first: {uses: segment, where: {split: test}, with: {weights: data/w.h5}}\n  segment:";
  for (const text of texts.map((one) =>
    one.includes("from: first") ? one.replace("  segment:", first) : one,
  )) {
    const found = await loadText(context, text, { catalog });
    assert.deepEqual(
      found.result.diagnostics.filter(({ code }) => code !== "file-missing"),
      [],
      text,
    );
  }
});

test("a kind of the user's own that holds something unknown is told so", async (context) => {
  const kind = toyCatalog.get("cluster") as StepDescription;
  const inputs = [{ name: "labels", required: true, description: "Labels.", holds: "lables" as Holding }];
  const wrong = { ...kind, ports: () => ({ ...kind.ports({}), inputs }) };
  assert.deepEqual(await told(context, goodWorkflow, new Map([...toyCatalog, ["cluster", wrong]])), [
    `workflow.yaml:26:20: error: the port labels of cluster holds "lables", which tomoflow does not know
    cluster:  {uses: cluster, from: segment}
                     ^^^^^^^
  hint: it can be volume, labels, scores, objects, weights, thresholds, metrics, picture, table, or left out`,
  ]);
});

test("each kind of file fits itself alone, and labels may stand for densities", () => {
  for (const given of holdings)
    for (const wanted of holdings) {
      const expected =
        given === wanted ? "yes" : given === "labels" && wanted === "volume" ? "doubtful" : "no";
      assert.equal(fits(given, wanted), expected, `${given} for ${wanted}`);
    }
  assert.equal(fits("labels", ["volume", "labels"]), "yes");
});
