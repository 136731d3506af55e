/** As `engines` of package.json says; this module is read by versions of Node that cannot read the rest. */
const oldest: readonly [major: number, minor: number] = [20, 19];

/** What to tell the user of a Node that is too old, or undefined. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined;
  const needed = oldest.join(".");
  return `error: this is Node ${version}; tomoflow needs ${needed} or newer\nhint: install a current Node from https://nodejs.org, or with nvm: nvm install --lts`;
}
