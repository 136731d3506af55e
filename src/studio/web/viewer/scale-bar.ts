/** A scale bar: its length in Å and how it is written. */
export interface ScaleBar {
  readonly angstrom: number;
  /** CSS pixels. */
  readonly width: number;
  /** `50 nm`, `200 Å`, `2 µm` */
  readonly words: string;
}

/** The longest bar of 1, 2 or 5 × 10^n Å that is no wider than `most` pixels. */
export function scaleBar(pixelsPerAngstrom: number, most: number): ScaleBar {
  const longest = most / pixelsPerAngstrom;
  const power = 10 ** Math.floor(Math.log10(longest) + 1e-12);
  const factor = [5, 2, 1].find((one) => one * power <= longest * (1 + 1e-12)) ?? 1;
  const angstrom = factor * power;
  return { angstrom, width: angstrom * pixelsPerAngstrom, words: lengthWords(angstrom) };
}

/** A length in the unit that reads best; nm from 10 nm on, µm from 1 µm on. */
export function lengthWords(angstrom: number): string {
  const round = (value: number): string => String(Number(value.toPrecision(4)));
  if (angstrom >= 10_000) return `${round(angstrom / 10_000)} µm`;
  if (angstrom >= 100) return `${round(angstrom / 10)} nm`;
  return `${round(angstrom)} Å`;
}
