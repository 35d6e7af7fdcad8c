// A log file of bounded size: the newest lines in `<name>.log`, older ones in `<name>.log.1`.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { explainFileError } from '../shared/user-error.ts';

const FILE_BYTES_MAX = 5 * 1024 * 1024;

export interface LogOptions {
  readonly bytesMax?: number;
  /** Told of the first of several failures in a row: a log is no reason to stop what it tells of. */
  readonly onFailure: (error: unknown) => void;
}

export class RotatingLog {
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #onFailure: LogOptions['onFailure'];
  #bytes: number;
  #isFailing = false;

  constructor(path: string, { bytesMax = FILE_BYTES_MAX, onFailure }: LogOptions) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#onFailure = onFailure;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  append(chunk: Buffer): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#bytesMax) this.#rotate();
      appendFileSync(this.#path, chunk);
      this.#bytes += chunk.length;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#onFailure(explainFileError(error, this.#path));
      this.#isFailing = true;
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    this.#bytes = 0;
  }
}
