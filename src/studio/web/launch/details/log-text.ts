/** Characters of a log that are kept in the window. */
const most = 200_000;

/** The text so far and what came; a line that was written over with a carriage return is shown as its last. */
export function addLogText(before: string, more: string): string {
  const joined = before + more;
  const lines = joined
    .split("\n")
    .map((line, index, all) => {
      const parts = line.split("\r");
      // the last line may go on: what stands before its carriage return counts until something comes after
      const last = index === all.length - 1 && parts.at(-1) === "" ? parts.length - 2 : parts.length - 1;
      return parts[Math.max(0, last)] ?? "";
    })
    .join("\n");
  return lines.length <= most ? lines : lines.slice(lines.indexOf("\n", lines.length - most) + 1);
}
