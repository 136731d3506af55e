/** A studio's server that a test kills: `serve-alone.ts ROOT WEB` prints the link. */
import { startStudio } from "../../../../src/studio/server/index.ts";

const [root, web] = process.argv.slice(2) as [string, string];
startStudio({ root, web }).then(({ url }) => process.stdout.write(`${url}\n`));
