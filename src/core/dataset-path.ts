/**
 * A data set of an HDF5 file, named with the file: `data/a.h5#/volumes/raw`; or a level or image of a Zarr store, `data/a.zarr#/1`. The
 * `#` parts them only behind an ending of these formats, since other files may have one in their names.
 */
export interface DatasetPath {
  readonly file: string;
  /** With a slash before it; absent where the path is that of a file alone. */
  readonly dataset?: string;
}

export function splitDataset(path: string): DatasetPath {
  if (!path.includes("#")) return { file: path };
  const [, file, dataset] = /^(.*\.(?:h5|hdf5|hdf|he5|nxs|zarr\/*))#\/*(.+)$/is.exec(path) ?? [];
  return file === undefined ? { file: path } : { file, dataset: `/${dataset}` };
}

export const joinDataset = ({ file, dataset }: DatasetPath): string =>
  dataset === undefined ? file : `${file}#${dataset}`;
