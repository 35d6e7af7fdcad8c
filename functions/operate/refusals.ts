// Which failures an operator can act on, and the one line that says so: ours, and what a database or AWS refuses.
import { RebuildError } from '../orders/repair/rebuild.ts';
import { DatabaseError } from '../platform/database-errors.ts';
import { Refusal } from './refusal.ts';

/** @returns undefined for what is a fault: that needs its stack. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof Refusal || error instanceof RebuildError) return error.message;
  return isRefusal(error) ? `${error.name}: ${error.message}` : undefined;
}

/** The SDK marks what a service answered; without credentials or a region it asks none. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof DatabaseError ||
    '$metadata' in error ||
    error.name === 'CredentialsProviderError' ||
    error.message === 'Region is missing'
  );
}
