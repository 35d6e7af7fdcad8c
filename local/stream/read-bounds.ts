// How long a consumer reads, over all of its topics: so many records, so long without any, until a signal.

export interface Bounds {
  readonly messagesMax: number;
  /** How long to wait for a next record. */
  readonly idleMsMax: number;
  readonly signal: AbortSignal;
}

export class ReadBounds {
  readonly #bounds: Bounds;
  #count = 0;
  #newestMs = performance.now();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get signal(): AbortSignal {
    return this.#bounds.signal;
  }

  get isOver(): boolean {
    const { messagesMax, idleMsMax, signal } = this.#bounds;
    const idleMs = performance.now() - this.#newestMs;
    return signal.aborted || this.#count >= messagesMax || idleMs >= idleMsMax;
  }

  /** A record was read. */
  count(): void {
    this.#count += 1;
    this.#newestMs = performance.now();
  }
}
