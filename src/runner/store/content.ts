/** What a task reads or makes, told by its content: a file, or a folder with all that is in it. */
export interface Content {
  /** Of a file over its bytes; of a folder over the list of its files, see `tree.ts`. */
  readonly sha256: string;
  /** Bytes; of a folder those of all its files. */
  readonly size: number;
  /** How many files are in a folder; absent for a file. */
  readonly files?: number;
  /** Of a part of a file: which one; the hash is over what can be seen of it. */
  readonly part?: string;
}

export const isFolder = ({ files }: Pick<Content, "files">): boolean => files !== undefined;

/** A file that holds the list of a folder is not that folder. */
export const sameContent = (a: Content | undefined, b: Content | undefined): boolean =>
  a !== undefined && b !== undefined && keyText(a) === keyText(b);

/** As it enters the key of a task: of a part its content, not what it is called. */
export function keyText({ sha256, files, part }: Content): string {
  if (files !== undefined) return `folder:${sha256}`;
  return part === undefined ? sha256 : `part:${sha256}`;
}
