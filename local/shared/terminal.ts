// What a person sees while the service runs: lines that stay, and on a terminal a last line that is
// rewritten in place; elsewhere, such as a log file, a plain line now and then.

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Between the parts of a status, the most important first. */
export const BETWEEN = ' · ';

const CLEAR_LINE = '\r\u001b[2K';
const PLAIN_INTERVAL_MS = 10_000;

export class Terminal {
  readonly #output: Output;
  #status = '';
  #plainAt: number;

  /** @param plainFromMs the first plain line comes so long after this moment. */
  constructor(output: Output, plainFromMs = 0) {
    this.#output = output;
    this.#plainAt = plainFromMs;
  }

  /** Prints a line that stays. */
  line(text: string): void {
    if (this.#output.isTTY && this.#status) this.#output.write(CLEAR_LINE);
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  status(text: string, nowMs: number): void {
    this.#status = text;
    this.#draw();
    if (this.#output.isTTY || nowMs - this.#plainAt < PLAIN_INTERVAL_MS) return;
    this.#plainAt = nowMs;
    this.#output.write(`${text}\n`);
  }

  /** The last status stays where it is. */
  end(): void {
    if (this.#output.isTTY && this.#status) this.#output.write('\n');
    this.#status = '';
  }

  #draw(): void {
    if (!this.#output.isTTY || !this.#status) return;
    // One column less, since some terminals wrap when the last one is filled.
    const width = (this.#output.columns || 80) - 1;
    this.#output.write(`${CLEAR_LINE}${fitting(this.#status, width)}`);
  }
}

/** As many whole parts as there is room for: half a number would be a wrong one. */
function fitting(status: string, width: number): string {
  const parts = status.split(BETWEEN);
  while (parts.length > 1 && [...parts.join(BETWEEN)].length > width) parts.pop();
  return [...parts.join(BETWEEN)].slice(0, width).join('');
}
