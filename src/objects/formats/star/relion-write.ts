/** The columns that every RELION has alike. */
import { anglesToRelion, type RelionAngles } from "../../euler-angles.ts";
import type { ObjectList, TomogramObject } from "../../object-list.ts";
import { placeColumns } from "./dialect.ts";
import { allHave, anglesOf, someHaveAngles, type WrittenColumn } from "./write-particles.ts";

export const relionColumns = {
  label: "rlnClassNumber",
  objectId: "rlnTomoParticleId",
  score: "rlnAutopickFigureOfMerit",
  angles: ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"],
} as const;

export const staleInRelion: ReadonlySet<string> = new Set([
  ...placeColumns,
  ...[relionColumns.label, relionColumns.objectId, relionColumns.score],
  ...relionColumns.angles,
]);

/** Angles where there are any, class, and id and score where all have them. */
export function relionTail(list: ObjectList): readonly WrittenColumn[] {
  const angle = (name: string, which: keyof RelionAngles): WrittenColumn => ({
    ...{ name, decimals: 6 },
    number: (object) => anglesToRelion(anglesOf(object))[which],
  });
  const [rot, tilt, psi] = relionColumns.angles;
  return [
    ...(someHaveAngles(list) ? [angle(rot, "rot"), angle(tilt, "tilt"), angle(psi, "psi")] : []),
    { name: relionColumns.label, decimals: 0, width: 3, number: ({ label }: TomogramObject) => label },
    ...(allHave(list, "objectId")
      ? [
          {
            name: relionColumns.objectId,
            decimals: 0,
            width: 6,
            number: ({ objectId }: TomogramObject) => objectId!,
          },
        ]
      : []),
    ...(allHave(list, "score")
      ? [{ name: relionColumns.score, decimals: 6, number: ({ score }: TomogramObject) => score! }]
      : []),
  ];
}
