// An operator's command: what a database or AWS refuses is one line, too.
import { refusalOf } from '../functions/operate/refusals.ts';
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
      const refusal = refusalOf(error);
      throw refusal === undefined ? error : new UserError(refusal);
    }
  };
  return runCommand(name, { parseAsync });
}
