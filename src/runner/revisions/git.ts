/** Asks the `git` program about a folder; never changes anything. */
import { execFile } from "node:child_process";
import { TomoflowError } from "../../core/error.ts";

/** Bytes of output; a lock of 10,000 tasks is about 10 MB. */
const mostOutput = 512 * 2 ** 20;

/**
 * Standard output of `git WORDS` in `folder`. Throws `git-missing`, `not-in-git`, `no-commits`, `unknown-revision`,
 * `not-in-revision` and, for anything else that git says, `git-failed`.
 */
export function git(folder: string, words: readonly string[]): Promise<string> {
  // answers in English, so that they can be told apart; no lock files, so that a commit under way is not disturbed
  const env = { ...process.env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
  return new Promise((resolve, reject) => {
    execFile("git", ["-C", folder, ...words], { env, maxBuffer: mostOutput }, (error, stdout, stderr) => {
      if (error) reject(explain(error, stderr, { folder, words }));
      else resolve(stdout);
    });
  });
}

/** The full hash of a commit by any name that git knows. Throws as `git`, `unknown-revision` above all. */
export async function commitOf(folder: string, revision: string): Promise<string> {
  try {
    const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    return (await git(folder, words)).trim();
  } catch (error) {
    // rev-parse --quiet says nothing of a name that it does not know
    if (error instanceof TomoflowError && error.code === "git-failed") throw unknownRevision(revision, error);
    throw error;
  }
}

/** A file as a commit has it, undefined when it has none. `name` is relative to `folder`. */
export async function fileAt(folder: string, commit: string, name: string): Promise<string | undefined> {
  try {
    return await git(folder, ["show", `${commit}:./${name}`]);
  } catch (error) {
    if (error instanceof TomoflowError && error.code === "not-in-revision") return undefined;
    throw error;
  }
}

interface Call {
  readonly folder: string;
  readonly words: readonly string[];
}

function explain(error: Error, stderr: string, { folder, words }: Call): TomoflowError {
  const fault = (code: string, message: string, hint: string) =>
    new TomoflowError(code, message, { hint, cause: error });
  if ((error as NodeJS.ErrnoException).code === "ENOENT")
    return fault(
      "git-missing",
      "there is no git program here",
      "install git: it keeps the earlier lock files",
    );
  if (/not a git repository/.test(stderr))
    return fault(
      "not-in-git",
      `${folder} is not in a git repository`,
      "git init, then commit the workflow and its lock file after each run: that is the history",
    );
  if (/does not have any commits|bad default revision/.test(stderr))
    return fault("no-commits", `${folder} has no commits yet`, "commit the workflow and its lock file first");
  if (/does not exist in|exists on disk, but not in/.test(stderr))
    return fault(
      "not-in-revision",
      `git has no such file: ${words.at(-1)}`,
      "git log --stat shows the files",
    );
  if (/unknown revision|bad revision|ambiguous argument|invalid object name/.test(stderr))
    return unknownRevision(words.at(-1)!, error);
  const said = stderr.trim().split("\n")[0] || error.message;
  return fault("git-failed", `git ${words[0]} failed: ${said}`, "mend what git says, then try again");
}

const unknownRevision = (revision: string, cause: Error): TomoflowError =>
  new TomoflowError("unknown-revision", `git knows no revision ${revision}`, {
    hint: "name a commit, branch or tag, e.g. HEAD~1; git log --oneline lists the commits",
    cause,
  });
