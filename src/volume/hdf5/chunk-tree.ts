/**
 * The index of a data set's chunks: a B-tree of version 1, whose keys are a chunk's packed size, its filter mask and the first
 * voxel it holds. Source: HDF5 File Format Specification 3.0, III.A.1.
 */
import type { ByteSource } from "../byte-source.ts";
import type { Shape3 } from "../volume.ts";
import { bytesAt, type ChunkLayout } from "./chunk-layout.ts";

/** Where a packed chunk lies. */
export interface ChunkPlace {
  readonly position: number;
  readonly bytes: number;
  /** A bit for each filter that was left out for this chunk, in the order of the data set's filters; never 0. */
  readonly skipped?: number;
}

/** How many children a node holds at most: twice the library's default, which files of the earliest format cannot change. */
const nodeEntries = 64;
const headerBytes = 24;
const mostChunks = 1 << 24;

/** Chunks along each axis. */
export const chunkGrid = (shape: readonly number[], chunk: readonly number[]): number[] =>
  shape.map((length, axis) => Math.ceil(length / chunk[axis]));

/**
 * The place of each chunk, in order; undefined where a chunk was never written. Null for a tree that is not as expected.
 */
export async function readChunkTree(
  source: ByteSource,
  { chunk, treeAddress }: ChunkLayout,
  shape: readonly number[],
): Promise<(ChunkPlace | undefined)[] | null> {
  const grid = chunkGrid(shape, chunk);
  const count = grid.reduce((product, length) => product * length, 1);
  if (count > mostChunks) return null;
  const places = new Array<ChunkPlace | undefined>(count).fill(undefined);
  if (treeAddress === null) return places;
  const keyBytes = 8 * (chunk.length + 2);
  const nodes = [{ address: treeAddress, level: Number.NaN }];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const header = await bytesAt(source, node.address, headerBytes);
    if (header?.readUInt32BE(0) !== tree || header[4] !== 1) return null;
    const level = header[5];
    const entries = header.readUInt16LE(6);
    if (level !== node.level && !Number.isNaN(node.level)) return null;
    const bytes = await bytesAt(source, node.address + headerBytes, entries * (keyBytes + 8) || keyBytes);
    if (!bytes) return null;
    for (let entry = 0; entry < entries; entry++) {
      const at = entry * (keyBytes + 8);
      const child = Number(bytes.readBigUInt64LE(at + keyBytes));
      if (level > 0) nodes.push({ address: child, level: level - 1 });
      else {
        const first = chunk.map((_, axis) => Number(bytes.readBigUInt64LE(at + 8 + 8 * axis)));
        const index = indexOf(first, chunk, grid);
        const size = bytes.readUInt32LE(at);
        const skipped = bytes.readUInt32LE(at + 4);
        if (index === null || child + size > source.size) return null;
        places[index] =
          skipped === 0 ? { position: child, bytes: size } : { position: child, bytes: size, skipped };
      }
    }
  }
  return places;
}

const tree = 0x54524545;

/** Null for a voxel that is not the first of a chunk in the grid. */
function indexOf(first: readonly number[], chunk: readonly number[], grid: readonly number[]): number | null {
  let index = 0;
  for (const [axis, voxel] of first.entries()) {
    const place = voxel / chunk[axis];
    if (!Number.isInteger(place) || place >= grid[axis]) return null;
    index = index * grid[axis] + place;
  }
  return index;
}

/** The bytes of a tree to be written at `position`, and the address of its root, the last node. */
export function buildChunkTree(
  places: readonly ChunkPlace[],
  { shape, chunk, position }: { readonly shape: Shape3; readonly chunk: Shape3; readonly position: number },
): { readonly bytes: Buffer; readonly root: number } {
  const grid = chunkGrid(shape, chunk);
  let entries: Entry[] = places.map(({ position: child, bytes }, index) => ({
    child,
    key: chunkKey(bytes, voxelOf(index, grid, chunk)),
  }));
  // Greater than all, as the library writes it: one chunk further along every axis.
  const last = voxelOf(places.length - 1, grid, chunk).map((voxel, axis) => voxel + chunk[axis]);
  const end = chunkKey(0, last);
  const nodes: Buffer[] = [];
  for (let level = 0; level === 0 || entries.length > 1; level++) {
    const start = position + nodes.length * nodeBytes;
    const groups = Array.from({ length: Math.ceil(entries.length / nodeEntries) }, (_, group) =>
      entries.slice(group * nodeEntries, (group + 1) * nodeEntries),
    );
    groups.forEach((group, index) => {
      const siblings = {
        left: index > 0 ? start + (index - 1) * nodeBytes : null,
        right: index < groups.length - 1 ? start + (index + 1) * nodeBytes : null,
      };
      nodes.push(buildNode(group, { level, end: groups[index + 1]?.[0].key ?? end, ...siblings }));
    });
    entries = groups.map(([{ key }], index) => ({ key, child: start + index * nodeBytes }));
  }
  return { bytes: Buffer.concat(nodes), root: entries[0].child };
}

interface Entry {
  readonly key: Buffer;
  /** Address. */
  readonly child: number;
}

/** Size, no filter left out, the first voxel, and 0 along the axis of a voxel's bytes. */
function chunkKey(bytes: number, first: readonly number[]): Buffer {
  const key = Buffer.alloc(ourKeyBytes);
  key.writeUInt32LE(bytes, 0);
  first.forEach((voxel, axis) => void key.writeBigUInt64LE(BigInt(voxel), 8 + 8 * axis));
  return key;
}

const ourKeyBytes = 8 * (3 + 2);
const nodeBytes = headerBytes + nodeEntries * 8 + (nodeEntries + 1) * ourKeyBytes;

const voxelOf = (index: number, [, rows, columns]: readonly number[], chunk: Shape3): number[] => [
  Math.floor(index / (rows * columns)) * chunk[0],
  (Math.floor(index / columns) % rows) * chunk[1],
  (index % columns) * chunk[2],
];

interface NodePlace {
  readonly level: number;
  readonly left: number | null;
  readonly right: number | null;
  /** The key behind the last child. */
  readonly end: Buffer;
}

function buildNode(entries: readonly Entry[], { level, left, right, end }: NodePlace): Buffer {
  const node = Buffer.alloc(nodeBytes);
  node.writeUInt32BE(tree, 0);
  node[4] = 1;
  node[5] = level;
  node.writeUInt16LE(entries.length, 6);
  for (const [at, address] of [
    [8, left],
    [16, right],
  ] as const)
    node.writeBigUInt64LE(address === null ? 0xffffffffffffffffn : BigInt(address), at);
  entries.forEach(({ key, child }, index) => {
    const at = headerBytes + index * (ourKeyBytes + 8);
    key.copy(node, at);
    node.writeBigUInt64LE(BigInt(child), at + ourKeyBytes);
  });
  end.copy(node, headerBytes + entries.length * (ourKeyBytes + 8));
  return node;
}
