/** Reads parts of a data set through the library, which knows every layout and unpacks what it can. */
import { call, type OpenHdf5 } from "../../core/hdf5.ts";

/** One value an axis of the data set. */
export interface DatasetPart {
  readonly name: string;
  readonly offset: readonly number[];
  readonly count: readonly number[];
}

/** Fills `target` with the voxels of the part, in the order of the file. */
export function readPart(
  { library, file, path }: OpenHdf5,
  { name, offset, count }: DatasetPart,
  target: Uint8Array,
): void {
  const { module } = library;
  call(library, path, () => {
    const pointer = module._malloc(target.length);
    if (pointer === 0) throw new Error("Memory allocation failed");
    try {
      const strides = offset.map(() => 1n);
      const [counts, offsets] = [count.map(BigInt), offset.map(BigInt)];
      module.get_dataset_data(file.file_id, name, counts, offsets, strides, BigInt(pointer));
      target.set(module.HEAPU8.subarray(pointer, pointer + target.length));
    } finally {
      module._free(pointer);
    }
  });
}
