/** A folder as a real git repository, apart from the settings of whoever runs the tests. */
import { execFileSync } from "node:child_process";

export interface GitRepository {
  /** Runs git and returns what it says. Throws when it fails. */
  git(...words: string[]): string;
  /** Commits everything in the folder that git does not ignore. */
  commit(message: string): string;
}

export function gitRepository(folder: string): GitRepository {
  const settings = {
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
  };
  const git = (...words: string[]) =>
    execFileSync("git", words, {
      cwd: folder,
      env: { ...process.env, ...settings },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  git("init", "-q", "-b", "main");
  return {
    git,
    commit(message) {
      git("add", "-A");
      git("commit", "-q", "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
  };
}
