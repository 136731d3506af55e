/**
 * The `tensorflow` engine beside the `onnx` engine on the processor, in one run, each case in a process of its own:
 *   node --import tsx bench/tensorflow.ts [--rounds 3]
 * tfjs-node must be installed where tomoflow finds it (docs/engines.md). Both formulations of the convolution are measured;
 * engines take turns, and the best of all rounds counts for each.
 */
import { availableParallelism } from "node:os";
import type { Engine } from "../src/compute/engine.ts";
import { createOnnxEngine } from "../src/compute/onnx/engine.ts";
import { engineOn } from "../src/compute/tensorflow/engine.ts";
import { loadTensorFlow } from "../src/compute/tensorflow/runtime.ts";
import { answer, caseAsked, measureApart } from "./apart.ts";
import { type Case, type Measured, measureOn } from "./network.ts";

const contenders = ["onnx", "volume", "planes"] as const;

interface Contest extends Omit<Case, "target"> {
  readonly engine: (typeof contenders)[number];
}

const cases: readonly Omit<Case, "target">[] = [
  { what: "forward", side: 96, batch: 1 },
  { what: "train", side: 40, batch: 8 },
  { what: "train", side: 56, batch: 4 },
];

async function open(name: Contest["engine"], threads: number): Promise<Engine> {
  if (name === "onnx") return createOnnxEngine({ threads });
  const { tf, version } = await loadTensorFlow(threads);
  return engineOn(tf, { device: `TensorFlow ${version}`, memoryBytes: 0, formulation: name });
}

function compare(
  print: (line: string) => void,
  { threads, rounds }: { threads: number; rounds: number },
): void {
  for (const one of cases) {
    const best = new Map<Contest["engine"], Measured>();
    for (let round = 0; round < rounds; round++)
      for (const engine of contenders) {
        const measured = measureApart<Measured>(import.meta.filename, { ...one, engine }, threads);
        const known = best.get(engine);
        if (known === undefined || measured.seconds < known.seconds) best.set(engine, measured);
      }
    const onnx = best.get("onnx")!;
    print(`${one.what} ${one.side}³ × ${one.batch}, ${threads} threads`);
    for (const [engine, { seconds, gigaflops, plannedBytes, peakBytes }] of best)
      print(
        `  ${engine === "onnx" ? "onnx" : `tensorflow, convolutions by ${engine}`}: ${seconds.toFixed(2)} s, ` +
          `${gigaflops.toFixed(0)} GFLOP/s, ${(onnx.seconds / seconds).toFixed(2)} of onnx's speed; ` +
          `${(peakBytes / 1e9).toFixed(2)} GB, ${(peakBytes / plannedBytes).toFixed(2)} × planned`,
      );
  }
}

const asked = caseAsked<Contest>();
if (asked === undefined) {
  const at = process.argv.indexOf("--rounds");
  const rounds = at < 0 ? 3 : Number(process.argv[at + 1]);
  compare((line) => void process.stdout.write(`${line}\n`), { threads: availableParallelism(), rounds });
} else answer(await measureOn(await open(asked.value.engine, asked.threads), asked.value, asked.threads));
