/** The packages of the `tensorflow` engine: a user installs one of them beside tomoflow. Looking for them loads nothing. */
import { createRequire } from "node:module";

/** In the order in which they are looked for: the one for CUDA holds the processor's operations too. */
const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

export const howToInstall =
  "npm install @tensorflow/tfjs-node-gpu (NVIDIA GPU with CUDA) or npm install @tensorflow/tfjs-node (processor) in the folder " +
  "where tomoflow is installed, see docs/engines.md; or use engine auto, which needs neither";

/** Why the engine cannot be there, found without loading anything; undefined if a package is installed. */
export function whyNotInstalled(): string | undefined {
  if (installedPackage() !== undefined) return undefined;
  return `neither ${packages.join(" nor ")} is installed`;
}

export interface InstalledPackage {
  readonly name: string;
  /** Of its main module. */
  readonly path: string;
}

/** The first that is installed where tomoflow finds packages. */
export function installedPackage(): InstalledPackage | undefined {
  const { resolve } = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      return { name, path: resolve(name) };
    } catch {
      // the next one
    }
  }
  return undefined;
}
