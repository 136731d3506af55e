/**
 * Zip archives in memory, as far as workbooks need them: stored or deflated entries of less than 4 GB.
 * Source: PKWARE APPNOTE 6.3.10, 4.3 and 4.4.
 */

import { promisify } from "node:util";
import { crc32, deflateRaw, inflateRaw } from "node:zlib";
import { TomoflowError } from "../error.ts";

const deflateBytes = promisify<Uint8Array, object, Buffer>(deflateRaw);
const inflateBytes = promisify<Uint8Array, object, Buffer>(inflateRaw);

export interface ZipEntry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly packed: Uint8Array;
  /** Unpacked. */
  readonly size: number;
  readonly checksum: number;
}

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const [endBytes, centralBytes, localBytes] = [22, 46, 30];

/** Greater than any list; text of that length is still a string of Node's. */
const largestEntry = 400 << 20;

/** The entries by name; undefined where the bytes are no zip archive, or one of another kind. */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, ZipEntry> | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + endBytes > buffer.length) return undefined;
  const entries = new Map<string, ZipEntry>();
  let at = buffer.readUInt32LE(end + 16);
  for (let count = buffer.readUInt16LE(end + 10); count > 0; count--) {
    const entry = readEntry(buffer, at);
    if (!entry) return undefined;
    entries.set(entry.name, entry);
    at += centralBytes + [28, 30, 32].reduce((sum, field) => sum + buffer.readUInt16LE(at + field), 0);
  }
  return entries;
}

/** The entry that the central directory describes at `at`. */
function readEntry(buffer: Buffer, at: number): ZipEntry | undefined {
  if (at + centralBytes > buffer.length || buffer.readUInt32LE(at) !== centralSignature) return undefined;
  const method = buffer.readUInt16LE(at + 10);
  const encrypted = buffer.readUInt16LE(at + 8) & 1;
  const [checksum, packedBytes, size] = [16, 20, 24].map((field) => buffer.readUInt32LE(at + field));
  const local = buffer.readUInt32LE(at + 42);
  if (encrypted || (method !== 0 && method !== 8) || size > largestEntry) return undefined;
  if (local + localBytes > buffer.length || buffer.readUInt32LE(local) !== localSignature) return undefined;
  const start = local + localBytes + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28);
  if (start + packedBytes > buffer.length) return undefined;
  const nameStart = at + centralBytes;
  const name = buffer.toString("utf8", nameStart, nameStart + buffer.readUInt16LE(at + 28));
  return { name, method, packed: buffer.subarray(start, start + packedBytes), size, checksum };
}

/**
 * Looks how large the entries are when they are unpacked, by unpacking them, whatever the archive says of them.
 * @throws TomoflowError `workbook-too-large`
 */
export async function checkUnpackedSize(bytes: Uint8Array, most: number): Promise<void> {
  let left = most;
  for (const { method, packed } of readZip(bytes)?.values() ?? [])
    try {
      left -= method === 0 ? packed.length : (await inflateBytes(packed, { maxOutputLength: left })).length;
      if (left <= 0) throw new RangeError("too large");
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge(most);
      throw error;
    }
}

const tooLarge = (most: number): TomoflowError =>
  new TomoflowError("workbook-too-large", `the workbook unpacks to more than ${most >> 20} MB`, {
    hint: "if it really is a list of that many objects, save the sheet as CSV",
  });

/** What packs better than this is no list. */
const bestPacking = 200;

/** The bytes of an entry; undefined where they are damaged. */
export async function unpackEntry({ method, packed, size, checksum }: ZipEntry): Promise<Buffer | undefined> {
  try {
    if (size > 16 << 20 && size > bestPacking * packed.length) return undefined;
    const options = { chunkSize: Math.max(64, size), maxOutputLength: Math.max(1, size) };
    const bytes = method === 0 ? Buffer.from(packed) : await inflateBytes(packed, options);
    return bytes.length === size && crc32(bytes) === checksum ? bytes : undefined;
  } catch {
    return undefined;
  }
}

export async function packEntry(name: string, bytes: Uint8Array): Promise<ZipEntry> {
  const packed = await deflateBytes(bytes, { level: packingLevel });
  return { name, method: 8, packed, size: bytes.length, checksum: crc32(bytes) };
}

/** Digits hardly pack better at higher levels. */
const packingLevel = 1;

/** An archive without times, so that equal entries give equal bytes. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const shared = sharedFields(entry, name.length);
    const local = Buffer.alloc(localBytes);
    local.writeUInt32LE(localSignature, 0);
    shared.copy(local, 4);
    const central = Buffer.alloc(centralBytes);
    central.writeUInt32LE(centralSignature, 0);
    central.writeUInt16LE(version, 4);
    shared.copy(central, 6);
    central.writeUInt32LE(position, 42);
    const parts = [local, name, Buffer.from(entry.packed)];
    locals.push(...parts);
    directory.push(central, name);
    position += parts.reduce((sum, { length }) => sum + length, 0);
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(endSignature, 0);
  for (const field of [8, 10]) end.writeUInt16LE(entries.length, field);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(position, 16);
  return Buffer.concat([...locals, directoryBytes, end]);
}

/** 2.0: deflate. */
const version = 20;
const utf8Names = 0x800;
/** 1 January 1980, the first day that zip knows. */
const firstDay = 0x21;

/** The 26 bytes that an entry and its place in the directory have in common. */
function sharedFields({ method, checksum, packed, size }: ZipEntry, nameBytes: number): Buffer {
  const fields = Buffer.alloc(26);
  [version, utf8Names, method, 0, firstDay].forEach((value, i) => void fields.writeUInt16LE(value, 2 * i));
  [checksum, packed.length, size].forEach((value, i) => void fields.writeUInt32LE(value, 10 + 4 * i));
  fields.writeUInt16LE(nameBytes, 22);
  return fields;
}
