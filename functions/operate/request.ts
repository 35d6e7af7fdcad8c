// What a command asks of the operator function, and what it is answered. What takes longer than an invocation may
// comes in parts: an answer with `next` is not the end, and the command asks again, with it.
import * as z from 'zod';

const DAY = /^\d{1,6}-\d\d-\d\d$/;

const difference = z.strictObject({
  aggregate: z.string(),
  attribute: z.string(),
  expected: z.string(),
  actual: z.string(),
});

/** A choice of objects, as `npm run quarantine` takes it. */
const filters = {
  topic: z.string().optional(),
  since: z.string().optional(),
  reason: z.string().optional(),
};

const requests = [
  z.strictObject({
    command: z.literal('audit'),
    json: z.boolean(),
    /** The outcomes from this day on, and what was found before. */
    next: z.strictObject({ from: z.string(), differences: z.array(difference) }).optional(),
  }),
  z.strictObject({
    command: z.literal('rebuild'),
    outcomes: z.boolean(),
    isDryRun: z.boolean(),
    epoch: z.string().optional(),
    next: z.strictObject({ from: z.string().regex(DAY), differences: z.int() }).optional(),
  }),
  z.strictObject({
    command: z.literal('list'),
    ...filters,
    json: z.boolean(),
    /** Behind this key. */
    next: z.strictObject({ after: z.string() }).optional(),
  }),
  z.strictObject({
    command: z.literal('show'),
    names: z.array(z.string()).min(1),
    json: z.boolean(),
    /** From this name on, and in it from this character on. */
    next: z.strictObject({ name: z.int(), from: z.int() }).optional(),
  }),
  z.strictObject({
    command: z.literal('redrive'),
    names: z.array(z.string()),
    ...filters,
    isDryRun: z.boolean(),
    mayBeOld: z.boolean(),
    /** Where the records go, with a login that the command has signed; a dry run needs neither. */
    kafka: z.strictObject({ brokers: z.array(z.string()).min(1), token: z.string() }).optional(),
    next: z
      .strictObject({
        after: z.string(),
        names: z.int(),
        objects: z.int(),
        records: z.int(),
        tooOld: z.array(z.string()),
        failed: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
      })
      .optional(),
  }),
] as const;

const schema = z.discriminatedUnion('command', requests);

export type OperatorRequest = z.infer<typeof schema>;
export type RequestOf<Name extends OperatorRequest['command']> = Extract<
  OperatorRequest,
  { readonly command: Name }
>;

export interface OperatorAnswer {
  /** For stdout, as it is. */
  readonly text: string;
  /** For stderr. */
  readonly warnings?: string;
  /** Something differs, or stays: the exit code of a look that found something. */
  readonly isFound?: boolean;
  /** It is not the end. */
  readonly next?: OperatorRequest['next'];
  /** Why it cannot be done: nothing else counts then. */
  readonly refusal?: string;
}

/** @returns undefined when it is none, as of another version. */
export function readRequest(event: unknown): OperatorRequest | undefined {
  return schema.safeParse(event).data;
}
