/** What a function threw, or how it ended without an answer. */
export class FunctionError extends Error {
  override readonly name: string;
  override readonly stack: string;

  constructor({ name, message, stack }: ErrorText) {
    super(message);
    this.name = name;
    this.stack = stack;
  }
}

/** An error as it crosses from thread to thread. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function errorText(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  return { name: error.name, message: error.message, stack: error.stack ?? '' };
}
