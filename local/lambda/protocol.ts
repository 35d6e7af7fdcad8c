// What host and thread say to each other. Event and answer are JSON text, as in Lambda: nothing
// that JSON cannot carry may cross.
import type { ErrorText } from '../shared/function-error.ts';

export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  readonly event: string;
  readonly deadline: number;
}

export type Outcome =
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'error'; readonly error: ErrorText };
