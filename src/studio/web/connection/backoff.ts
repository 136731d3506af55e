/**
 * How long to wait before the nth try (from 0) to connect again, ms: doubles from 250 ms up to 8 s, each shortened by up to
 * a half by chance, so that many windows do not come back in one moment.
 * @param chance 0 to 1
 */
export function waitBeforeTry(tries: number, chance: number): number {
  const longest = Math.min(8000, 250 * 2 ** tries);
  return Math.round(longest * (1 - chance / 2));
}
