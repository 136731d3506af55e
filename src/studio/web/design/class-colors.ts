/** Colours of classes: bright, since they lie on grey pictures; neighbours in the list are far apart in hue. */
export const classColors = [
  "#ff6b6b",
  "#4dabf7",
  "#51cf66",
  "#ffd43b",
  "#cc5de8",
  "#22c3d6",
  "#ff922b",
  "#f783ac",
  "#a9e34b",
  "#9a7bff",
  "#38d9a9",
  "#e0b07c",
] as const;

/** The colour of a class that was given none, by its label (from 1). */
export function colorOfLabel(label: number): string {
  return classColors[(Math.max(1, label) - 1) % classColors.length]!;
}
