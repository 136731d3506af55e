import { fileParts } from "./file-parts.ts";
import type { StepKind } from "./step-kind.ts";

export interface ExportParameters {
  readonly format: ExportFormat;
  readonly binning?: number;
}

/** Formats of one list for many tomograms, and the endings of their files. */
export const exportEndings = {
  relion5: ".star",
  relion4: ".star",
  relion31: ".star",
  relion3: ".star",
  warp: ".star",
  stopgap: ".star",
  dynamo: ".tbl",
  motl: ".em",
  pytom: ".xml",
  czii: ".csv",
  xml: ".xml",
  csv: ".csv",
} as const;

export type ExportFormat = keyof typeof exportEndings;

/** Those in which tomograms have numbers: the column `tomo_idx`. */
export const numberedFormats: ReadonlySet<string> = new Set(["stopgap", "dynamo", "motl"]);

/** Writes the objects of all tomograms into one list of another program: see src/objects/formats. */
export const exportKind: StepKind<ExportParameters> = {
  name: "export",
  version: 1,
  summary:
    "Writes the objects of all tomograms as one particle list for RELION, Warp, Dynamo, STOPGAP or PyTom.",
  scope: "table",
  cpus: () => 1,
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      format: {
        description:
          "The program that reads the list. relion5: Å from the centre of each tomogram; relion4: unbinned pixels, which need `binning`. Conventions of each: docs/objects.md.",
        type: "string",
        enum: Object.keys(exportEndings),
        default: "relion5",
      },
      binning: {
        description:
          "How many unbinned pixels make a voxel of the tomograms, for formats that count in unbinned pixels. Where it is not given, those formats but relion4 are written in voxels.",
        type: "number",
        exclusiveMinimum: 0,
        examples: [4],
      },
    },
  },
  parts: fileParts({ datasets: ["tomogram"], tomograms: ["detections"] }),
  ports: ({ format = "relion5" }) => ({
    inputs: [
      {
        name: "detections",
        required: true,
        holds: "objects",
        description: "The objects to write. Of a list for several tomograms those of the row.",
      },
      {
        name: "tomogram",
        required: true,
        holds: "volume",
        description: "The tomogram, whose header says its size and voxel size.",
      },
    ],
    outputs: [
      {
        name: "particles",
        file: `particles${exportEndings[format as ExportFormat] ?? ".star"}`,
        holds: "objects",
        description: "The objects of all tomograms; each has the id of its row as the name of its tomogram.",
      },
    ],
    columns: ["id", "tomo_idx"],
    classFields: format === "czii" ? ["name"] : [],
  }),
  check: ({ format = "relion5", binning }) =>
    format === "relion4" && binning === undefined
      ? [
          {
            path: ["format"],
            message: "RELION 4 counts in pixels of the unbinned tilt series, and binning is not given",
            hint: "write `binning: 4` where a voxel of the tomograms is four of these pixels",
          },
        ]
      : [],
  preflight: async (context) => (await import("./export/check-export.ts")).checkExport(context),
  run: async (context) => (await import("./export/write-export.ts")).writeExport(context),
};
