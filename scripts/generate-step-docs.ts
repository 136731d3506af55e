/** Writes docs/steps/: one page a step kind, made from its schema and ports, and an index. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stepKinds } from "../src/steps/catalog.ts";
import { indexPage, stepPage } from "./step-page.ts";

const folder = join(import.meta.dirname, "../docs/steps");
mkdirSync(folder, { recursive: true });
const kinds = [...stepKinds.values()];
const pages = new Map(kinds.map((kind) => [`${kind.name}.md`, stepPage(kind)]));
pages.set("README.md", indexPage(kinds));
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
