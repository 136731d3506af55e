/** WGSL that brings a box of voxels to workgroup memory in 16 bits, a voxel's channels side by side, as matrix units read it. */
import type { Axes3 } from "../../../../network/graph.ts";
import { repeat } from "../dispatch.ts";

export interface MatrixTile {
  /** Array in workgroup memory, of vec4<f16>, and the one that it is read from: (batch, channel, z, y, x). */
  readonly tile: string;
  readonly source: string;
  /** Name of the scale of a source in 32 bits: see scale.ts. */
  readonly scale?: string;
  /** Of the source, and those of them that are brought, from WGSL's `firstChannel` on; a multiple of 4. */
  readonly channels: number;
  readonly staged: number;
  readonly firstChannel: string;
  /** Planes of the source: a number in WGSL. */
  readonly planes: string;
  /** (y, x) lengths of the source, and voxels of the box, which begins at WGSL's `origin` (i32); what lies outside is zero. */
  readonly size: readonly [y: number, x: number];
  readonly extent: Axes3;
  readonly origin: readonly [z: string, y: string, x: string];
  readonly threads: number;
}

/** Quads from one voxel to the next: not all are used where rows would else lie in the same banks of memory. */
export const voxelQuads = (channels: number): number => channels / 4 + (channels % 16 === 0 ? 2 : 0);

export const tileQuads = ({ extent, staged }: Pick<MatrixTile, "extent" | "staged">): number =>
  extent[0] * extent[1] * extent[2] * voxelQuads(staged);

/** The array, and what reads beyond the last channel. */
export function declareTile(tile: MatrixTile): string {
  const { source, channels } = tile;
  return `
var<workgroup> ${tile.tile}: array<vec4<f16>, ${tileQuads(tile)}>;

fn ${source}At(channel: u32, at: u32) -> f16 {
  if (channel >= ${channels}u) { return f16(); }
  return ${stored(tile, "at")};
}
`;
}

const stored = ({ source, scale }: MatrixTile, at: string): string =>
  scale === undefined ? `${source}[${at}]` : `f16(${source}[${at}] * ${scale}[0])`;

/** Fills the array; a thread takes all channels of a voxel. Uses `lane` and `item`, the number in the batch. */
export function fillTile(tile: MatrixTile): string {
  const { channels, staged, size, extent, origin, threads } = tile;
  const plane = extent[1] * extent[2];
  const quads = voxelQuads(staged);
  const read = (channel: number) => {
    const at = `at + ${channel}u * voxels`;
    return channels % staged === 0 ? stored(tile, at) : `${tile.source}At(first + ${channel}u, ${at})`;
  };
  const quad = (q: number) => [0, 1, 2, 3].map((c) => read(4 * q + c)).join(", ");
  return `    {
    let planes = ${tile.planes};
    let voxels = planes * ${size[0] * size[1]}u;
    for (var i = lane; i < ${extent[0] * plane}u; i += ${threads}u) {
      let first = ${tile.firstChannel};
      let z = ${origin[0]} + i32(i / ${plane}u);
      let y = ${origin[1]} + i32(i % ${plane}u / ${extent[2]}u);
      let xx = ${origin[2]} + i32(i % ${extent[2]}u);
      if (z >= 0 && z < i32(planes) && y >= 0 && y < ${size[0]} && xx >= 0 && xx < ${size[1]}) {
        let at = (item * ${channels}u + first) * voxels + (u32(z) * ${size[0]}u + u32(y)) * ${size[1]}u + u32(xx);
${repeat(staged / 4, (q) => `        ${tile.tile}[i * ${quads}u + ${q}u] = vec4<f16>(${quad(q)});`)}
      } else {
${repeat(staged / 4, (q) => `        ${tile.tile}[i * ${quads}u + ${q}u] = vec4<f16>();`)}
      }
    }
    }`;
}
