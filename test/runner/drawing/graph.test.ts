import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import {
  drawGraph,
  drawRails,
  type GraphNode,
  mermaidGraph,
  viewGraph,
} from "../../../src/runner/drawing/index.ts";
import { layOutGraph } from "../../../src/runner/drawing/layered-layout.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const node = (id: string, dependsOn: readonly string[] = []): GraphNode => ({
  id,
  step: id,
  kind: "toy",
  counts: { fresh: 1, restore: 0, run: 0, pending: 0 },
  taskCount: 1,
  disabled: false,
  dependsOn,
});

/** The shape of the quick start. */
const nodes = [
  node("simulate"),
  node("target", ["simulate"]),
  node("train", ["simulate", "target"]),
  node("segment", ["simulate", "train"]),
  node("cluster", ["segment"]),
  node("evaluate", ["simulate", "cluster"]),
];

test("rails: a dot a node, a rail for what is still read", () => {
  assert.deepEqual(
    drawRails(nodes).map(({ rails, node: { id } }) => `${rails} ${id}`),
    ["● simulate", "├─● target", "├─● train", "├─● segment", "│ ● cluster", "●─╯ evaluate"],
  );
});

test("rails pass those they do not read, and join in the middle", () => {
  const lines = drawRails([
    node("a"),
    node("b"),
    node("c"),
    node("d", ["a", "b", "c"]),
    node("e", ["a", "c"]),
    node("f", ["b"]),
  ]);
  assert.deepEqual(
    lines.map(({ rails }) => rails),
    ["●", "│ ●", "│ │ ●", "├─┼─┼─●", "●─│─╯", "  ●"],
  );
});

const options = { nodeWidth: 100, nodeHeight: 40, columnGap: 50, rowGap: 10 };

test("columns: every arrow points right, no two boxes overlap, nothing leaves the picture", () => {
  for (const graph of [nodes, randomGraph(40, 7), randomGraph(25, 11)]) {
    const { places, arrows, width, height } = layOutGraph(graph, options);
    assert.equal(places.size, graph.length);
    assert.equal(arrows.length, graph.flatMap(({ dependsOn }) => dependsOn).length);
    for (const { from, to, points } of arrows) {
      assert.ok(places.get(from)!.x + 100 < places.get(to)!.x, `${from} -> ${to}`);
      assert.ok(points.every(({ x }, index) => index === 0 || x > points[index - 1]!.x));
      assert.ok(points.every(({ y }) => y >= 0 && y <= height));
    }
    const boxes = [...places.values()];
    boxes.forEach((a, index) => {
      assert.ok(a.x >= 0 && a.x + 100 <= width && a.y >= -1e-9 && a.y + 40 <= height + 1e-9);
      for (const b of boxes.slice(index + 1))
        assert.ok(a.x !== b.x || Math.abs(a.y - b.y) >= 50 - 1e-6, JSON.stringify([a, b]));
    });
  }
});

/** Park and Miller's generator (1988): the same graph every time. */
function randomGraph(size: number, seed: number): readonly GraphNode[] {
  let state = seed;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Array.from({ length: size }, (_, index) =>
    node(
      `n${index}`,
      Array.from({ length: index }, (_, before) => `n${before}`).filter(() => random() < 2 / (index + 1)),
    ),
  );
}

test("the picture is well-formed XML and escapes names", () => {
  const evil = `<script>alert("x")</script>&'`;
  const view = {
    workflow: evil,
    of: "steps" as const,
    nodes: [...nodes, { ...node(evil, ["target"]), disabled: true, taskCount: 0 }],
    counts: { fresh: 6, restore: 0, run: 0, pending: 0 },
  };
  const svg = drawGraph(view);
  assert.equal(XMLValidator.validate(svg), true);
  assert.doesNotMatch(svg, /<script/);
  const parsed = new XMLParser({ ignoreAttributes: false }).parse(svg) as {
    svg: { g: { text: unknown[] }[]; path: unknown[] };
  };
  assert.equal(parsed.svg.g.length, 7);
  assert.equal(parsed.svg.path.length, 2 * 9);
});

test("what is seen of a workflow: steps and tasks with their states, disabled steps too", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "workflow.yaml": `${shoutFiles["workflow.yaml"]}  off: {uses: measure, from: shout, enabled: false}\n`,
  });
  await project.run();
  await project.write("data/b.txt", "seven\n");
  const steps = await viewGraph(await project.load());
  assert.deepEqual(
    steps.nodes.map(({ id, counts, dependsOn, disabled }) => [id, counts, dependsOn, disabled]),
    [
      ["shout", { fresh: 1, restore: 0, run: 1, pending: 0 }, [], false],
      ["measure", { fresh: 1, restore: 0, run: 0, pending: 1 }, ["shout"], false],
      ["join", { fresh: 0, restore: 0, run: 0, pending: 1 }, ["shout"], false],
      ["off", { fresh: 0, restore: 0, run: 0, pending: 0 }, ["shout"], true],
    ],
  );
  const tasks = await viewGraph(await project.load(), { of: "tasks" });
  assert.deepEqual(
    tasks.nodes.map(({ id, dependsOn }) => [id, dependsOn]),
    [
      ["shout@a", []],
      ["shout@b", []],
      ["measure@a", ["shout@a"]],
      ["measure@b", ["shout@b"]],
      ["join", ["shout@a", "shout@b"]],
    ],
  );
  assert.match(mermaidGraph(steps), /^flowchart LR\n {2}n0\["shout<br\/>1 fresh, 1 to run"\]:::run\n/);
  assert.match(mermaidGraph(steps), /\n {2}n0 --> n3\n/);
  assert.match(mermaidGraph(tasks), /n0\["shout#64;a<br\/>1 fresh"\]:::fresh/);
});
