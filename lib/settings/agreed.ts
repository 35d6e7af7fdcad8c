// What versions of a function that run beside each other must agree on. Another value is another alias, and all that comes in goes
// over to it at once; whatever is not here may go over by steps.
import { DECODING } from '../../functions/contracts.ts';
import { type ContextKey, type ContextValues, DECODING_KEYS } from './context-keys.ts';

/** Where they read and write, and what a position means there: otherwise each would keep a part of one stream. */
const PLACES: readonly ContextKey[] = [
  ...(['aggregatesTable', 'pageSpan', 'streamEpoch', 'documentsBucket', 'reportPrefix'] as const),
  ...(['database', 'databaseHost', 'databasePort', 'databaseName', 'databaseProxy'] as const),
  // A new database with other ones of these is another database.
  ...(['databaseKmsKeyArn', 'vpcId', 'subnetIds'] as const),
];
/** A batch that one version left half applied is taken up by the other: both must read its records alike (S5). */
const DECODED_BY: readonly ContextKey[] = [
  ...DECODING_KEYS,
  ...(['topicOrders', 'topicOrderItems', 'topicOutcomes'] as const),
];
/** How API Gateway hands a request over, and what it has checked before. */
const CALLED_BY: readonly ContextKey[] = ['apiAuth', 'allowDelete', 'responseTransfer'];

export function agreedOn(values: ContextValues): readonly unknown[] {
  const keys = [...PLACES, ...DECODED_BY, ...CALLED_BY];
  return [DECODING, ...keys.map((key) => values[key] ?? null)];
}
