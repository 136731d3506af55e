/**
 * Files that a command names in its words, script or environment instead of declaring them: their content is not part of the
 * task's key, so the step would stay fresh when they change. What is installed on the machine is not looked into.
 */
import { realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import type { ParameterMistake } from "../../schema/step-description.ts";
import type { CommandParameters } from "../command.ts";

/** The parameters with all that is known put in, and where relative paths start. */
export interface CommandPlace {
  readonly parameters: CommandParameters;
  /** Absolute. */
  readonly folder: string;
}

/** A warning for each file, where it is named. */
export function undeclaredFiles({ parameters, folder }: CommandPlace): readonly ParameterMistake[] {
  const { run = [], shell, environment, outputs } = parameters;
  const declared = new Set(Object.values(parameters.files).map((file) => realPath(resolve(folder, file))));
  const around = { folder, declared, written: new Set(Object.values(outputs)) };
  const words = run.flatMap((word, index) => {
    const text = String(word);
    // refused already, whether the file is there or not
    if (/^\.{1,2}\//.test(text)) return [];
    const path = ["run", index];
    const inCode = isCode(text) ? filesInCode(text, around) : [];
    return [
      ...filesInWord(text, around)
        // a program from elsewhere is installed
        .filter(({ isOfProject }) => index > 0 || isOfProject)
        .map((file) => mistakeOf(file, { path, text, isScript: false })),
      ...inCode.map((file) => mistakeOf(file, { path, text, isScript: true })),
    ];
  });
  const inScript = shell === undefined ? [] : filesInCode(shell, around);
  return [
    ...words,
    ...inScript.map((file) => mistakeOf(file, { path: ["shell"], text: file.named, isScript: true })),
    ...Object.entries(environment).flatMap(([name, value]) =>
      filesInWord(String(value), around).map((file) =>
        mistakeOf(file, { path: ["environment", name], text: String(value), isScript: false }),
      ),
    ),
  ];
}

/** A name in braces or in a variable, for a file: `denoise` for `scripts/denoise.py`. */
export const nameForFile = (path: string): string => /([A-Za-z_]\w*)[^/\\]*$/.exec(path)?.[1] ?? "script";

interface NamedFile {
  /** As written. */
  readonly named: string;
  readonly isOfProject: boolean;
}

interface Surroundings {
  readonly folder: string;
  /** Real paths. */
  readonly declared: ReadonlySet<string>;
  /** File names of the outputs, which the program writes into its working folder. */
  readonly written: ReadonlySet<string>;
}

/** A word with blanks in it is code for an interpreter: `bash -c "…"`. */
const isCode = (word: string): boolean => /\s/.test(word.trim());

function filesInCode(code: string, around: Surroundings): readonly NamedFile[] {
  const words = code.split(/[\s"'`;|&<>()[\]{}$,=]+/).filter((word) => /[/.]/.test(word));
  return uniqueFiles(words, around);
}

/** Itself, what follows `=`, what is joined by `:`, `,` or `;`, and what stands right behind a short option or `@`. */
function filesInWord(word: string, around: Surroundings): readonly NamedFile[] {
  const whole = [word, ...word.split("=").slice(1), word.slice(word.indexOf("=") + 1)];
  const pieces = whole.flatMap((part) => [
    part,
    ...part.split(process.platform === "win32" ? /[,;]/ : /[,:;]/),
  ]);
  const bare = pieces.flatMap((piece) => [
    piece,
    piece.replace(/^@/, ""),
    piece.replace(/^file:(\/\/)?/, ""),
    /^-[A-Za-z]([/~.].*)$/.exec(piece)?.[1] ?? "",
  ]);
  return uniqueFiles(bare, around);
}

function uniqueFiles(names: readonly string[], around: Surroundings): readonly NamedFile[] {
  const files = [...new Set(names)].flatMap((name) => fileBehind(name, around) ?? []);
  return files.filter(({ named }, index) => files.findIndex((other) => other.named === named) === index);
}

function fileBehind(named: string, { folder, declared, written }: Surroundings): NamedFile | undefined {
  // names in braces and expressions lead to what is declared
  if (named === "" || named.includes("{") || named.includes("\0") || /^[\d.,+-]+$/.test(named))
    return undefined;
  if (written.has(named)) return undefined;
  const path = resolve(folder, named.replace(/^~(?=$|[/\\])/, homedir()));
  if (!isFile(path)) return undefined;
  const real = realPath(path);
  if ([...declared].some((path) => real === path || isInside(real, path))) return undefined;
  if (isInstalled(real, realPath(folder))) return undefined;
  return { named, isOfProject: isInside(path, folder) || isInside(real, realPath(folder)) };
}

function mistakeOf(
  { named, isOfProject }: NamedFile,
  { path, text, isScript }: { path: ParameterMistake["path"]; text: string; isScript: boolean },
): ParameterMistake {
  const name = nameForFile(named);
  const placeholder = isScript ? `"$files_${name}"` : JSON.stringify(text.replace(named, `{files.${name}}`));
  const home = named.startsWith("~") && !isScript ? "; without a shell ~ means nothing" : "";
  const what = isOfProject ? "is a file of the project" : "is a file";
  return {
    path,
    code: "undeclared-file",
    severity: "warning",
    message: `${named} ${what}, and tomoflow would not see it change`,
    hint: `name it, files: {${name}: ${named}}, and write ${placeholder} here${home}`,
  };
}

/** Folders of what is installed on the machine. */
const systemFolders =
  process.platform === "win32"
    ? [process.env.SystemRoot, process.env.ProgramFiles, process.env["ProgramFiles(x86)"]].filter(
        (folder) => folder !== undefined,
      )
    : "/usr /opt /etc /bin /sbin /lib /lib64 /dev /proc /sys /nix /snap /Applications /Library /System".split(
        " ",
      );

/** Folders of installed packages and environments, wherever they lie. */
const packageFolders = new Set(["node_modules", "site-packages", ".venv", "venv", "conda", ".conda"]);

function isInstalled(path: string, project: string): boolean {
  const isOfProject = isInside(path, project);
  const shown = isOfProject ? relative(project, path) : path;
  if (shown.split(/[\\/]/).some((part) => packageFolders.has(part))) return true;
  return !isOfProject && systemFolders.some((folder) => isInside(path, folder));
}

const isInside = (path: string, folder: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : join(folder, sep));

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
