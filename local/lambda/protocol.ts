// What host and thread say to each other. Event and answer are JSON text, as in Lambda: nothing
// that JSON cannot carry may cross.

export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  readonly event: string;
  readonly deadline: number;
}

export type Outcome =
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'error'; readonly error: ErrorText };

export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function errorText(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  return { name: error.name, message: error.message, stack: error.stack ?? '' };
}
