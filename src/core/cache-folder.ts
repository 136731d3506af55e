import { homedir } from "node:os";
import { join } from "node:path";

/** Where what can be found out again is kept for this user: `$XDG_CACHE_HOME/tomoflow`, else `~/.cache/tomoflow`. */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tomoflow");
