const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** True for the first bytes of an HDF5 file; a block of the user's may precede it. */
export const isHdf5 = (start: Uint8Array): boolean =>
  [0, 512, 1024, 2048].some((offset) => signature.every((byte, i) => start[offset + i] === byte));
