// An operator's command: what a database or AWS refuses is one line, too.
import { DatabaseError } from '../functions/platform/database-errors.ts';
import { runCommand } from '../local/command.ts';
import { UserError } from '../local/user-error.ts';

export function runOperatorCommand(name: string, command: () => Promise<void>): Promise<void> {
  return runCommand(name, async () => {
    try {
      await command();
    } catch (error) {
      throw isRefusal(error) ? new UserError(`${error.name}: ${error.message}`) : error;
    }
  });
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
