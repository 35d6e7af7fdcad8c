// The lines of a file as bytes, one after the other, whatever the size of the file.
import { createReadStream } from 'node:fs';

export const LINE_BYTES_MAX = 64 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without the line feed; only the beginning when the line is longer than the limit. */
  readonly bytes: Buffer;
  readonly cut: boolean;
}

const LINE_FEED = 0x0a;

export async function* readLines(path: string, bytesMax = LINE_BYTES_MAX): AsyncGenerator<Line> {
  const line = new LineInHand(bytesMax);
  let number = 1;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      line.append(chunk.subarray(start, end));
      yield { number, ...line.take() };
      number += 1;
      start = end + 1;
    }
    line.append(chunk.subarray(start));
  }
  const last = line.take();
  if (last.bytes.length > 0) yield { number, ...last };
}

class LineInHand {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #length = 0;
  #cut = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  append(part: Buffer): void {
    const kept = part.subarray(0, this.#bytesMax - this.#length);
    this.#cut ||= kept.length < part.length;
    this.#parts.push(kept);
    this.#length += kept.length;
  }

  take(): { bytes: Buffer; cut: boolean } {
    const taken = { bytes: Buffer.concat(this.#parts), cut: this.#cut };
    this.#parts = [];
    this.#length = 0;
    this.#cut = false;
    return taken;
  }
}
