/** Bytes as people read them. */

const units = ["kB", "MB", "GB", "TB", "PB"];

/** `0 B`, `999 B`, `1.2 kB`, `34 MB`, `5.6 TB`: powers of 1000, two digits at least. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
