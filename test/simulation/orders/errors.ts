// What an error of a function under test means to the run.
import { isOutage } from '../network.ts';

const GIVES_UP = ['RebuildError', 'OvertakenError'];

/** Run it again. */
export function mayGiveUp(error: unknown): boolean {
  return isOutage(error) || (error instanceof Error && GIVES_UP.includes(error.name));
}

export function showError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
