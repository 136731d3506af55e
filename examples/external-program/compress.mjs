/**
 * A step kind of one's own that wraps an external program: compresses a tomogram with gzip, e.g. to deposit it. It needs
 * nothing but what the context gives; the type comes from tomoflow and is for editors.
 */
import { stat } from "node:fs/promises";

/** @type {import("tomoflow").StepKind<{ level: number }>} */
const compress = {
  name: "compress",
  version: 1, // raise it when results change for the same inputs and parameters
  summary: "Compresses a tomogram with gzip.",
  scope: "row", // one task a row; "table": one task over all rows
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      level: {
        description: "1 is fastest, 9 smallest.",
        type: "integer",
        minimum: 1,
        maximum: 9,
        default: 6,
      },
    },
  },
  ports: () => ({
    inputs: [{ name: "inverted", required: true, description: "The tomogram to compress." }],
    outputs: [{ name: "compressed", file: "tomogram.mrc.gz", description: "The compressed tomogram." }],
    columns: [],
    classFields: [],
  }),
  cpus: () => 1, // gzip has one thread
  async run({ parameters, rows, outputs, runProgram, report }) {
    const { inverted } = rows[0].files;
    // -n leaves name and time out of the file: the same input gives the same bytes, so later steps stay fresh
    await runProgram(["gzip", "-n", "-c", `-${parameters.level}`, inverted], { stdout: outputs.compressed });
    const [before, after] = await Promise.all([stat(inverted), stat(outputs.compressed)]);
    report({ type: "metrics", values: { ratio: before.size / after.size } });
  },
};

export default compress;
