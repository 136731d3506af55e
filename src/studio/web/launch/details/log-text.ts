/** Characters of a log that are kept in the window. */
const most = 200_000;

/** The text so far and what came; a line that was written over with a carriage return is shown as its last. */
export function addLogText(before: string, more: string): string {
  const joined = before + more;
  const lines = joined
    .split("\n")
    .map((line, index, all) => lastWritten(line, index < all.length - 1))
    .join("\n");
  return lines.length <= most ? lines : lines.slice(lines.indexOf("\n", lines.length - most) + 1);
}

/** Behind a carriage return at the end nothing has been written yet: a line that goes on keeps it. */
function lastWritten(line: string, isWhole: boolean): string {
  const written = line.endsWith("\r") ? line.slice(0, -1) : line;
  const shown = written.slice(written.lastIndexOf("\r") + 1);
  return line.endsWith("\r") && !isWhole ? `${shown}\r` : shown;
}
