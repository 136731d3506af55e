import { readFileSync } from "node:fs";

let known: string | undefined;

/** The version in package.json, which lies two folders above this file in src/ and in dist/ alike. */
export function toolVersion(): string {
  known ??= (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
  ).version;
  return known;
}
