/**
 * Where an HDF5 file keeps what describes the chunks of a data set. The library (h5wasm) finds the data set and says what is in
 * it, but hands out no packed chunks; with their places, chunks can be packed and unpacked on several threads.
 * Source: HDF5 File Format Specification 3.0, IV.A (object headers), IV.A.2.i (layout message version 3).
 */
import type { ByteSource } from "../byte-source.ts";

/** A message of an object header. */
export interface HeaderMessage {
  readonly type: number;
  /** Of its first byte in the file. */
  readonly position: number;
  readonly data: Buffer;
}

export const messageTypes = { datatype: 3, layout: 8, filters: 11, continuation: 16 } as const;

/** A stored-in-another-place message. */
const sharedFlag = 2;

const largestBlock = 1 << 20;
const mostBlocks = 64;

/** True for files whose addresses are positions of 8 bytes each, as nearly all are: no block of the user's before the file. */
export async function hasPlainAddresses(source: ByteSource): Promise<boolean> {
  const start = await bytesAt(source, 0, 48);
  if (start?.readUInt32BE(0) !== 0x89484446) return false;
  const version = start[8];
  const [sizes, base] = version < 2 ? [13, version === 0 ? 24 : 28] : [9, 12];
  return version <= 3 && start[sizes] === 8 && start[sizes + 1] === 8 && start.readBigUInt64LE(base) === 0n;
}

/** The messages of the object header at an address, or null where they are not as the specification says. */
export async function readMessages(source: ByteSource, address: number): Promise<HeaderMessage[] | null> {
  const prefix = await bytesAt(source, address, 32);
  if (!prefix) return null;
  const header = prefix.readUInt32BE(0) === ohdr ? newHeader(prefix) : oldHeader(prefix);
  if (!header) return null;
  const messages: HeaderMessage[] = [];
  const blocks = [{ position: address + header.start, length: header.length }];
  for (let block = blocks.pop(), count = 0; block; block = blocks.pop(), count++) {
    if (count > mostBlocks) return null;
    const bytes = await bytesAt(source, block.position, block.length);
    if (!bytes) return null;
    for (const message of splitMessages(bytes, block.position, header)) {
      messages.push(message);
      if (message.type !== messageTypes.continuation) continue;
      const position = Number(message.data.readBigUInt64LE(0));
      const length = Number(message.data.readBigUInt64LE(8));
      // In new headers a signature comes before the messages, and a checksum behind them.
      blocks.push(header.isNew ? { position: position + 4, length: length - 8 } : { position, length });
    }
  }
  return messages;
}

interface Header {
  readonly isNew: boolean;
  /** Of the first message, from the header's address. */
  readonly start: number;
  readonly length: number;
  /** Bytes before each message's data. */
  readonly prefixBytes: number;
}

const ohdr = 0x4f484452;

const oldHeader = (bytes: Buffer): Header | null =>
  bytes[0] === 1 ? { isNew: false, start: 16, length: bytes.readUInt32LE(8), prefixBytes: 8 } : null;

function newHeader(bytes: Buffer): Header | null {
  const flags = bytes[5];
  if (bytes[4] !== 2) return null;
  const at = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const length = sizeBytes === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, sizeBytes);
  return { isNew: true, start: at + sizeBytes, length, prefixBytes: flags & 4 ? 6 : 4 };
}

function* splitMessages(block: Buffer, position: number, header: Header): Generator<HeaderMessage> {
  const { isNew, prefixBytes } = header;
  for (let at = 0; at + prefixBytes <= block.length; ) {
    const type = isNew ? block[at] : block.readUInt16LE(at);
    const size = block.readUInt16LE(at + (isNew ? 1 : 2));
    const flags = block[at + (isNew ? 3 : 4)];
    const start = at + prefixBytes;
    at = start + size;
    if (at > block.length) return;
    if (!(flags & sharedFlag)) yield { type, position: position + start, data: block.subarray(start, at) };
  }
}

/** Chunks found through a B-tree of version 1, as the library's older, most widely read, format has them. */
export interface ChunkLayout {
  /** Voxels along each axis of the data set. */
  readonly chunk: readonly number[];
  readonly bytesPerVoxel: number;
  /** Of the tree; null where there are no chunks yet. */
  readonly treeAddress: number | null;
  /** In the file, of the 8 bytes of that address. */
  readonly addressPosition: number;
}

const undefinedAddress = 0xffffffffffffffffn;

/** Null for other layouts. */
export function chunkLayout(messages: readonly HeaderMessage[]): ChunkLayout | null {
  const message = messages.find(({ type }) => type === messageTypes.layout);
  if (!message) return null;
  const { data, position } = message;
  const [version, kind, axes] = data;
  if (version !== 3 || kind !== 2 || data.length < 11 + 4 * axes) return null;
  const lengths = Array.from({ length: axes }, (_, axis) => data.readUInt32LE(11 + 4 * axis));
  const address = data.readBigUInt64LE(3);
  return {
    chunk: lengths.slice(0, -1),
    bytesPerVoxel: lengths[axes - 1],
    treeAddress: address === undefinedAddress ? null : Number(address),
    addressPosition: position + 3,
  };
}

/** Null where the file ends before. */
export async function bytesAt(source: ByteSource, position: number, length: number): Promise<Buffer | null> {
  if (!(position >= 0 && length > 0 && length <= largestBlock && position + length <= source.size))
    return null;
  const bytes = Buffer.alloc(length);
  await source.read(position, bytes);
  return bytes;
}
