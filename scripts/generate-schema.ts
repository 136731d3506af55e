/**
 * Writes src/schema/workflow.schema.json, the schema that editors use, from the step kinds of the catalog.
 * With --check it writes nothing and fails where the file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildWorkflowSchema } from "../src/schema/shape/schema.ts";
import { stepKinds } from "../src/steps/catalog.ts";

const file = join(import.meta.dirname, "..", "src", "schema", "workflow.schema.json");
const text = `${JSON.stringify(buildWorkflowSchema(stepKinds), null, 2)}\n`;

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write(`${file} is out of date: run node --import tsx scripts/generate-schema.ts\n`);
  process.exitCode = 1;
}
