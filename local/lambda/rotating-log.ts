// A log file of bounded size: the newest lines in `<name>.log`, older ones in `<name>.log.1`.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { explainFileError } from '../user-error.ts';

const FILE_BYTES_MAX = 5 * 1024 * 1024;

export class RotatingLog {
  readonly #path: string;
  readonly #bytesMax: number;
  #bytes: number;

  constructor(path: string, bytesMax = FILE_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  append(chunk: Buffer): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#bytesMax) this.#rotate();
      appendFileSync(this.#path, chunk);
      this.#bytes += chunk.length;
    } catch (error) {
      throw explainFileError(error, this.#path);
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    this.#bytes = 0;
  }
}
