import type { Command } from "commander";
import {
  benchmarkEngine,
  type EngineReport,
  type GpuList,
  listEngines,
  listGpus,
} from "../compute/engines.ts";
import { gpuText, precisionText } from "./gpu-text.ts";
import { formatTable, paint, writeErrorLine, writeJson, writeLine } from "./output.ts";

interface EnginesFlags {
  readonly benchmark: boolean;
  readonly json?: boolean;
}

/** An engine with how fast it was here; undefined where it is missing or was not measured. */
interface MeasuredEngine extends EngineReport {
  readonly gigaflopsPerSecond?: number;
  /** Of `webgpu`: what there is for it. */
  readonly gpus?: GpuList["gpus"];
  readonly gpuSharing?: GpuList["sharing"];
}

export function registerEnginesCommand(program: Command): void {
  program
    .command("engines")
    .description("Show what can run the network on this machine, why the rest cannot, and how fast each is.")
    .option("--no-benchmark", "do not measure them")
    .option("--json", "print the list as JSON")
    .addHelpText("after", examples)
    .action(async (flags: EnginesFlags) => {
      const { gpus, sharing } = await listGpus();
      const engines = (await listEngines()).map((engine) =>
        engine.name === "webgpu" ? { ...engine, gpus, ...(sharing && { gpuSharing: sharing }) } : engine,
      );
      if (flags.benchmark && !flags.json) writeErrorLine(paint("dim", "measuring …", process.stderr));
      const measured: MeasuredEngine[] = [];
      for (const engine of engines) measured.push(flags.benchmark ? await measure(engine) : engine);
      if (flags.json) writeJson(measured);
      else writeEngines(measured);
    });
}

const examples = `
Examples:
  tomoflow engines
  tomoflow engines --no-benchmark --json`;

async function measure(engine: EngineReport): Promise<MeasuredEngine> {
  if (!engine.available) return engine;
  const { gigaflopsPerSecond } = await benchmarkEngine(engine.name);
  return { ...engine, gigaflopsPerSecond };
}

function writeEngines(engines: readonly MeasuredEngine[]): void {
  const rows = engines.map((engine) => [
    `${engine.chosen ? paint("green", "✔") : engine.available ? " " : paint("red", "✖")} ${engine.name}`,
    engine.summary,
    engine.available ? (engine.device ?? "") : `not here: ${engine.reason ?? "unknown"}`,
    engine.gigaflopsPerSecond === undefined ? "" : `${engine.gigaflopsPerSecond.toFixed(0)} GFLOP/s`,
  ]);
  writeLine(formatTable(rows, { align: ["left", "left", "left", "right"] }));
  const chosen = engines.find((engine) => engine.chosen);
  const { gpus = [], gpuSharing, precision } = engines.find(({ name }) => name === "webgpu") ?? {};
  for (const line of gpuText({ gpus, ...(gpuSharing && { sharing: gpuSharing }) })) writeLine(line);
  for (const line of precision ? precisionText(precision) : []) writeLine(line);
  writeLine(chosen ? `\nauto takes ${chosen.name}` : "\nno engine can be used on this machine");
}
