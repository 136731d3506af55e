/** What a preflight finds in the voxels of volumes that are there already: numbers that are none, masks without an effect. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../core/diagnostic.ts";
import { TomoflowError } from "../core/error.ts";
import type { VoxelSurvey } from "../volume/survey.ts";

interface Looked {
  /** Absent: an earlier step has yet to write it, or there is none. */
  readonly path: string | undefined;
  /** Whose it is, as in `t2: the tomogram`. */
  readonly what: string;
  readonly dataset?: string;
}

/** An error where voxels are infinite or not a number; a file that cannot be read is told elsewhere. */
export async function checkFinite({ path, what, dataset }: Looked): Promise<Diagnostic[]> {
  if (path === undefined || !existsSync(path)) return [];
  const { countNotFinite } = await import("../volume/survey.ts");
  const count = await countNotFinite(path, { dataset }).catch(unlessOurs);
  if (!count) return [];
  const message = `${what} ${basename(path)} has ${voxels(count)} that ${count === 1 ? "is" : "are"} not finite (NaN or infinite)`;
  return [
    errorDiagnostic("not-finite", message, {
      location: { file: path },
      hint: "write it again without them: put the mean of the tomogram in their place, e.g. with numpy.nan_to_num",
    }),
  ];
}

/** Where a tomogram is looked at, or the shape of a particle. */
type MaskUse = "region" | "particle";

const wordsByUse = {
  region: {
    empty: "so all would be background",
    full: "has no effect",
    advice:
      "a mask is 1 where particles are looked for and 0 outside; leave it out if the whole tomogram is meant",
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
  use = "region",
}: Looked & { readonly use?: MaskUse }): Promise<Diagnostic[]> {
  if (path === undefined || !existsSync(path)) return [];
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
  if (survey.notFinite > 0) return checkFinite({ path, what, dataset });
  if (survey.zeros > 0) return [];
  return [
    warningDiagnostic(
      "mask-without-effect",
      `${name} ${words.full}: none of its ${voxels(survey.voxels)} is 0, they are ${rangeOf(survey)}`,
      { location, hint: survey.minimum === -128 ? signedAdvice : words.advice },
    ),
  ];
}

const rangeOf = ({ minimum, maximum }: VoxelSurvey): string =>
  minimum === maximum ? `all ${minimum}` : `${minimum} to ${maximum}`;

const voxels = (count: number): string => (count === 1 ? "1 voxel" : `${count} voxels`);

/** Our own errors of reading are told where headers are looked at. */
function unlessOurs(error: unknown): undefined {
  if (!(error instanceof TomoflowError)) throw error;
}
