import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type protobuf from "protobufjs";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import { encodeNetwork, exportedInput, exportedOutput, exportOnnx } from "../../src/compute/onnx/export.ts";
import { modelType } from "../../src/compute/onnx/model.ts";
import { Random } from "../../src/core/random.ts";
import { type Axes3, GraphBuilder } from "../../src/network/graph.ts";
import { readKerasWeights } from "../../src/network/keras.ts";
import { type Architecture, addNetwork, networkParameters } from "../../src/network/networks.ts";
import { drawnParameters, networkExamples, titleOf } from "../support/network-examples.ts";
import { temporaryFolder } from "../support/temporary.ts";

const network: Architecture = { classes: 4, filters: [3, 5, 2] };

function randomParameters(seed: number, of = network) {
  const random = new Random(seed);
  return new Map(
    [...drawnParameters(of, random)].map(([name, values]) => [
      name,
      name.endsWith("bias") ? values.map(() => 0.1 * random.normal()) : values,
    ]),
  );
}

const normals = (length: number, seed: number) => {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
};

interface Input {
  readonly batch: number;
  readonly extent: Axes3;
  readonly data: Float32Array;
}

async function runEngine(
  network: Architecture,
  parameters: ReadonlyMap<string, Float32Array>,
  { batch, extent, data }: Input,
): Promise<ArrayLike<number>> {
  const builder = new GraphBuilder();
  builder.output("p", builder.softmax(addNetwork(builder, network, { batch, extent }).logits));
  const engine = await createOnnxEngine({ threads: 2 });
  const program = await engine.compile(builder.build());
  const feeds = networkParameters(network).map(({ name, shape }) => [
    name,
    { shape, data: parameters.get(name)! },
  ]);
  const { p } = await program.run({
    x: { shape: [batch, 1, ...extent], data },
    ...Object.fromEntries(feeds),
  });
  await program.dispose();
  await engine.dispose();
  return p!.data;
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, within: number): void {
  assert.equal(actual.length, expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  assert.ok(worst <= within, `largest difference ${worst}`);
}

for (const network of networkExamples([3, 5, 2], 4))
  test(`one exported model of ${titleOf(network)} gives our engine's probabilities at every batch and size`, (context) =>
    compareExport(context, network));

async function compareExport(context: TestContext, network: Architecture): Promise<void> {
  const path = join(await temporaryFolder(context), "network.onnx");
  const parameters = randomParameters(3, network);
  await exportOnnx(path, network, parameters);
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(path, { executionProviders: ["cpu"], intraOpNumThreads: 2 });
  context.after(() => session.release());
  assert.deepEqual([session.inputNames, session.outputNames], [["tomogram"], ["probabilities"]]);
  for (const [batch, extent] of [
    [1, [4, 12, 8]],
    [2, [8, 4, 20]],
  ] as const) {
    const data = normals(batch * extent[0] * extent[1] * extent[2], batch);
    const shape = [batch, 1, ...extent];
    const result = await session.run({ [exportedInput]: new Tensor("float32", data, shape) });
    const probabilities = result[exportedOutput]!;
    assert.deepEqual([...probabilities.dims], [batch, network.classes, ...extent]);
    assertClose(
      probabilities.data as Float32Array,
      await runEngine(network, parameters, { batch, extent, data }),
      1e-6,
    );
  }
}

test("Keras's weights exported to ONNX give Keras's probabilities", async () => {
  const fixtures = join(import.meta.dirname, "../fixtures/network");
  const floats = async (name: string) =>
    new Float32Array(Uint8Array.from(await readFile(join(fixtures, name))).buffer);
  const keras = await readKerasWeights(join(fixtures, "whole.h5"));
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(await encodeNetwork(keras.network, keras.parameters));
  const image = new Tensor("float32", await floats("input.f32"), [1, 1, 12, 8, 16]);
  const result = await session.run({ [exportedInput]: image });
  await session.release();
  const probabilities = result[exportedOutput]!.data as Float32Array;
  const voxels = 12 * 8 * 16;
  const expected = await floats("probabilities.f32");
  const ordered = expected.map((_, i) => expected[(i % voxels) * 3 + Math.floor(i / voxels)]!);
  assertClose(probabilities, ordered, 1e-5);
});

interface DecodedModel {
  readonly irVersion: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: string }[];
  readonly graph: {
    readonly node: readonly { readonly name: string; readonly opType: string; readonly domain?: string }[];
    readonly initializer: readonly { readonly name: string; readonly dims: readonly string[] }[];
  };
}

test("the model holds standard operators alone, and the weights by the names of their layers", async () => {
  const type: protobuf.Type = await modelType();
  const bytes = await encodeNetwork(network, randomParameters(3));
  const model = type.toObject(type.decode(bytes), { longs: String }) as DecodedModel;
  assert.equal(model.irVersion, "8");
  assert.deepEqual(
    model.opsetImport.map(({ domain, version }) => [domain ?? "", version]),
    [["", "17"]],
  );
  const counts: Record<string, number> = {};
  for (const { opType, domain } of model.graph.node) {
    assert.ok(!domain, `${opType} is of ${domain}`);
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  assert.deepEqual(counts, { Conv: 15, Relu: 14, MaxPool: 2, Resize: 2, Concat: 2, Softmax: 1 });
  const names = model.graph.node.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const kernel = model.graph.initializer.find(({ name }) => name === "conv3d_9/kernel");
  assert.deepEqual(kernel?.dims, ["5", "7", "3", "3", "3"]);
  assert.ok(Buffer.from(await encodeNetwork(network, randomParameters(3))).equals(bytes));
});

test("parameters of another network are refused by name", async () => {
  const parameters = randomParameters(3);
  parameters.set("conv3d_4/bias", new Float32Array(1));
  await assert.rejects(encodeNetwork(network, parameters), {
    code: "parameter-missing",
    message: "conv3d_4/bias (2) has no values, or too few",
  });
});
