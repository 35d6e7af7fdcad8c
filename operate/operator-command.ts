// An operator's command: what a database or AWS refuses is one line, too.
import { DatabaseError } from '../functions/platform/database-errors.ts';
import { runCommand } from '../local/shared/command.ts';
import { UserError } from '../local/shared/user-error.ts';

export function runOperatorCommand(
  name: string,
  command: { parseAsync(): Promise<unknown> },
): Promise<void> {
  const parseAsync = async () => {
    try {
      await command.parseAsync();
    } catch (error) {
      throw isRefusal(error) ? new UserError(`${error.name}: ${error.message}`) : error;
    }
  };
  return runCommand(name, { parseAsync });
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
