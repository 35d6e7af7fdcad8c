// Capture files: checked before anything starts, named by their contents, read record by record.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DECODE_SETTINGS, ENV } from '../../functions/contracts.ts';
import type { Environment } from '../shared/settings.ts';
import { errorCode, UserError } from '../shared/user-error.ts';
import { type CaptureLine, type Position, readCaptureLine } from '../stream/capture-line.ts';
import { LINE_BYTES_MAX, type Line, readLines } from '../stream/read-lines.ts';

const REPLAYS = join('.data', 'replays');

export interface Capture {
  readonly path: string;
  /** Its garbage is quarantined under this position, the line's number being the offset. */
  readonly topic: string;
  readonly partition: number;
  readonly bytes: number;
}

/** @throws {UserError} that names the first file that cannot be read. */
export async function openCaptures(paths: readonly string[]): Promise<Capture[]> {
  const sizes: number[] = [];
  for (const path of paths) sizes.push(await checkReadable(path));
  const names = paths.map((path) => basename(path));
  return paths.map((path, index) => {
    const topic = basename(path);
    // Files of the same name in two folders must not share the positions of their garbage.
    const partition = names.slice(0, index).filter((name) => name === topic).length;
    return { path, topic, partition, bytes: sizes[index] ?? 0 };
  });
}

/** @returns its size. */
async function checkReadable(path: string): Promise<number> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    if (found.isDirectory()) throw new UserError(`${path} is a folder, not a file.`);
    return found.size;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason =
      errorCode(error) === 'EACCES' ? 'must not be read by this user' : 'does not exist';
    throw new UserError(`The capture file ${path} ${reason}.`);
  }
}

/** The same captures under the same settings come to the same directory again, others never do. */
export async function captureDirectory(
  captures: readonly Capture[],
  env: Environment,
): Promise<string> {
  const settings = [...DECODE_SETTINGS, ENV.streamEpoch].map((name) => env[name]);
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const { path } of captures) {
    const contents = createHash('sha256');
    for await (const chunk of createReadStream(path)) contents.update(chunk);
    hash.update(contents.digest());
  }
  return join(REPLAYS, hash.digest('hex'));
}

/** @param onRead told of each line's bytes before it is handed over. */
export async function* readCaptures(
  captures: readonly Capture[],
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<CaptureLine> {
  for (const { path, topic, partition } of captures) {
    for await (const line of readLines(path)) {
      onRead(line.bytes.length + 1);
      if (isBlank(line)) continue;
      yield readLine(line, { topic, partition, offset: BigInt(line.number) });
    }
  }
}

function readLine({ bytes, cut }: Line, position: Position): CaptureLine {
  if (!cut) return readCaptureLine(bytes, position);
  const reason = `the line is longer than ${LINE_BYTES_MAX} bytes; only its beginning is kept`;
  return { kind: 'refused', refused: { ...position, timestamp: null, reason, line: bytes } };
}

function isBlank({ bytes }: Line): boolean {
  return bytes.length < 3 && bytes.toString().trim() === '';
}
