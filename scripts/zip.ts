// Files as a ZIP archive, the same bytes for the same files: the times in it are of 1980. Pure.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZippedFile {
  /** With `/` between its parts. */
  readonly name: string;
  readonly contents: Uint8Array;
}

const LOCAL_FILE = 0x04034b50;
const CENTRAL_FILE = 0x02014b50;
const END = 0x06054b50;
/** 2.0, which knows deflate; made on Unix, as the rights in the attributes say. */
const VERSION = 20;
const MADE_ON_UNIX = (3 << 8) | VERSION;
const UTF8 = 0x0800;
const DEFLATE = 8;
const FIRST_OF_1980 = (1 << 5) | 1;
/** A file that everybody may read, as Lambda's user must. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;

export function zip(files: readonly ZippedFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, contents } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const nameBytes = Buffer.from(name);
    const deflated = deflateRawSync(contents, { level: 9 });
    const shared = describe(nameBytes, contents, deflated);
    const local = Buffer.concat([
      words(4, LOCAL_FILE),
      words(2, VERSION),
      shared,
      nameBytes,
      deflated,
    ]);
    directory.push(
      words(4, CENTRAL_FILE),
      words(2, MADE_ON_UNIX, VERSION),
      shared,
      // No comment, the first disk, binary.
      words(2, 0, 0, 0),
      words(4, ATTRIBUTES, offset),
      nameBytes,
    );
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = [words(4, END), words(2, 0, 0, files.length, files.length)];
  return Buffer.concat([...parts, central, ...end, words(4, central.length, offset), words(2, 0)]);
}

/** What stands before a file and in the directory alike. */
function describe(name: Buffer, contents: Uint8Array, deflated: Buffer): Buffer {
  return Buffer.concat([
    words(2, UTF8, DEFLATE, 0, FIRST_OF_1980),
    words(4, crc32(contents), deflated.length, contents.length),
    words(2, name.length, 0),
  ]);
}

function words(bytes: 2 | 4, ...values: number[]): Buffer {
  const buffer = Buffer.alloc(bytes * values.length);
  for (const [index, value] of values.entries()) {
    if (bytes === 2) buffer.writeUInt16LE(value, 2 * index);
    else buffer.writeUInt32LE(value, 4 * index);
  }
  return buffer;
}
