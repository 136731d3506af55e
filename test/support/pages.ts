import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

/** The pages for people, relative to the repository; what the site makes or installs is not among them. */
export const pages: readonly string[] = ["README.md", "CHANGELOG.md"].concat(
  readdirSync(join(repositoryRoot, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !/^(node_modules|api)\//.test(name))
    .map((name) => join("docs", name))
    .sort(),
);
