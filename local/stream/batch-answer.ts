// What a stream function answers to a batch. Pure.
import { FunctionError } from '../shared/function-error.ts';

export const NO_COUNTS = {
  ...{ records: 0, applied: 0, skipped: 0, ignored: 0, quarantined: 0 },
  write_units: 0,
};

export type BatchCounts = Readonly<typeof NO_COUNTS>;

const COUNT_NAMES = Object.keys(NO_COUNTS) as (keyof BatchCounts)[];

/** @throws {FunctionError} when the function asks for records again, or answers something else. */
export function readBatchAnswer(functionName: string, text: string): BatchCounts {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null) throw unexpected(functionName, text);
  // Only aggregate-orders spends write units, and knows records that it may ignore.
  const optional = { write_units: 0, ignored: 0 };
  const { batchItemFailures, ...counts } = { ...optional, ...answer } as Record<string, unknown>;
  if (!Array.isArray(batchItemFailures) || batchItemFailures.length > 0) {
    throw unexpected(functionName, text);
  }
  if (!isCounts(counts)) throw unexpected(functionName, text);
  return counts;
}

export function addCounts(a: BatchCounts, b: BatchCounts): BatchCounts {
  const sums = COUNT_NAMES.map((name) => [name, a[name] + b[name]] as const);
  return Object.fromEntries(sums) as BatchCounts;
}

function isCounts(counts: object): counts is BatchCounts {
  return COUNT_NAMES.every((name) => Number.isFinite((counts as Partial<BatchCounts>)[name]));
}

function unexpected(functionName: string, text: string): FunctionError {
  const message = `${functionName} answered ${text.slice(0, 200)}`;
  return new FunctionError({ name: 'UnexpectedAnswer', message, stack: '' });
}
