/** Files that were looked at last, kept in this browser for each project. */
const placeOf = (root: string): string => `tomoflow.recent:${root}`;
const most = 8;

/** @param root the project's folder */
export function recentFiles(root: string): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(placeOf(root)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((path) => typeof path === "string").slice(0, most) : [];
  } catch {
    return [];
  }
}

export function remember(root: string, path: string): void {
  const paths = [path, ...recentFiles(root).filter((one) => one !== path)].slice(0, most);
  localStorage.setItem(placeOf(root), JSON.stringify(paths));
}
