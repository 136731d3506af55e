/** What a preflight finds in the voxels of volumes that are there already: numbers that are none, masks without an effect. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { splitDataset } from "../core/dataset-path.ts";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import { fileMistake } from "../core/file-mistake.ts";
import { isRemoteAddress } from "../core/remote-address.ts";
import type { VoxelSurvey } from "../volume/survey.ts";
import type { StepReport } from "./step-kind.ts";

interface Looked {
  /** Absent: an earlier step has yet to write it, or there is none. */
  readonly path: string | undefined;
  /** Whose it is, as in `t2: the tomogram`. */
  readonly what: string;
  readonly dataset?: string;
  /** Volumes at addresses too, which are fetched for it as a whole: not before a run. */
  readonly addresses?: boolean;
}

const isLookedAt = (path: string, addresses = false): boolean =>
  isRemoteAddress(path) ? addresses : existsSync(splitDataset(path).file);

/** An error where voxels are infinite or not a number; a file that cannot be read is told elsewhere. */
export async function checkFinite({ path, what, dataset, addresses }: Looked): Promise<Diagnostic[]> {
  if (path === undefined || !isLookedAt(path, addresses)) return [];
  const { countNotFinite } = await import("../volume/survey.ts");
  const count = await countNotFinite(path, { dataset }).catch(unlessOurs);
  if (!count) return [];
  const message = `${what} ${basename(path)} has ${voxels(count)} that ${count === 1 ? "is" : "are"} not finite (NaN or infinite)`;
  return [
    errorDiagnostic("not-finite", message, {
      location: { file: path },
      hint: `put the mean of the others in their place: tomoflow volume convert ${basename(path)} finite.mrc --nan mean`,
    }),
  ];
}

/** Where a tomogram is looked at, the shape of a particle, or which objects are kept. */
type MaskUse = "region" | "particle" | "objects";

const wordsByUse = {
  region: {
    empty: "so all would be background",
    full: "has no effect",
    advice:
      "a mask is 1 where particles are looked for and 0 outside; leave it out if the whole tomogram is meant",
  },
  objects: {
    empty: "so no object would be kept",
    full: "has no effect",
    advice: "a mask is 1 where objects are kept and 0 outside",
  },
  particle: {
    empty: "so its objects would be nowhere",
    full: "is a whole box, not the shape of a particle",
    advice: "a mask is 1 inside the particle and 0 around it",
  },
} as const;

const signedAdvice = "its bytes are signed, so what was 0 is -128 now: write it with 0 outside and 1 inside";

/** An error for a mask that holds nothing but zeros, a warning for one that holds none: it has no effect. */
export async function checkMask({
  path,
  what,
  dataset,
  addresses,
  use = "region",
}: Looked & { readonly use?: MaskUse }): Promise<Diagnostic[]> {
  if (path === undefined || !isLookedAt(path, addresses)) return [];
  const { surveyVolume } = await import("../volume/survey.ts");
  const survey = await surveyVolume(path, { dataset }).catch(unlessOurs);
  if (!survey) return [];
  const location = { file: path };
  const words = wordsByUse[use];
  const name = `${what} ${basename(path)}`;
  if (survey.zeros === survey.voxels)
    return [
      errorDiagnostic(
        "mask-empty",
        `${name} is empty: all its ${voxels(survey.voxels)} are 0, ${words.empty}`,
        {
          location,
          hint: words.advice,
        },
      ),
    ];
  if (survey.notFinite > 0) return checkFinite({ path, what, dataset, addresses });
  const unusable = use === "particle" ? await findUnusable(path, name, survey) : [];
  if (unusable.length > 0 || survey.zeros > 0) return unusable;
  return [
    warningDiagnostic(
      "mask-without-effect",
      `${name} ${words.full}: none of its ${voxels(survey.voxels)} is 0, they are ${rangeOf(survey)}`,
      { location, hint: survey.minimum === -128 ? signedAdvice : words.advice },
    ),
  ];
}

/** Voxels of a particle's mask that is tried as `target` and `evaluate` will use it; larger ones are rare, and take a moment. */
const mostTried = 128 ** 3;

/** Values of a mask count as inside where they round to 1: of 0 and 255 only the seam between them would. */
async function findUnusable(path: string, name: string, survey: VoxelSurvey): Promise<Diagnostic[]> {
  if (survey.maximum > 1.5) {
    const message = `${name} holds ${rangeOf(survey)}, and only what rounds to 1 counts as the particle`;
    const hint = `write it again with 1 in place of ${survey.maximum}`;
    return [errorDiagnostic("mask-values", message, { location: { file: path }, hint })];
  }
  if (survey.voxels > mostTried) return [];
  const { readVolume } = await import("../volume/formats.ts");
  const { prepareMask } = await import("../volume/turned-mask.ts");
  try {
    prepareMask(await readVolume(path), name);
    return [];
  } catch (error) {
    return [fileMistake(error, path)];
  }
}

/**
 * The same looks at the start of a task, for files that an earlier step wrote after the preflight: throws the first error, logs the
 * warnings.
 */
export function insistOn(found: readonly Diagnostic[], report: (report: StepReport) => void): void {
  for (const { severity, code, message, hint } of found) {
    if (severity === "error") throw new TomoflowError(code, message, { hint });
    report({ type: "log", text: `warning: ${message}${hint === undefined ? "" : ` (${hint})`}` });
  }
}

const rangeOf = ({ minimum, maximum }: VoxelSurvey): string =>
  minimum === maximum ? `all ${minimum}` : `${minimum} to ${maximum}`;

const voxels = (count: number): string => (count === 1 ? "1 voxel" : `${count} voxels`);

/** Our own errors of reading are told where headers are looked at. */
function unlessOurs(error: unknown): undefined {
  if (!(error instanceof TomoflowError)) throw error;
}
