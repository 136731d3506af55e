/** Addresses of volumes elsewhere, where paths of files can stand: `https://…`, `http://…`, `s3://bucket/…`. */
import { resolve } from "node:path";

export const isRemoteAddress = (path: string): boolean => /^(?:https?|s3):\/\//i.test(path);

/** An address as it is; a path made absolute, from `folder` on. */
export const resolvePlace = (folder: string, path: string): string =>
  isRemoteAddress(path) ? path : resolve(folder, path);
