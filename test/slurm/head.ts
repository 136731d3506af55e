/** A head of its own, to be killed: runs the cluster project in the folder given. */
import { openClusterProject } from "./cluster-project.ts";

const run = await openClusterProject(process.argv[2]!).run();
process.exit(run.summary.outcome === "done" ? 0 : 1);
