// The same commands for a deployed stack: asked of its operator function, which stands beside the stores, and
// answered with what the command would print over them. Long work comes in parts, each an invocation.
import type { OperatorAnswer, OperatorRequest } from '../functions/operate/request.ts';
import { deployedFunctions } from '../local/consume/deployed-functions.ts';
import type { Functions } from '../local/service/functions.ts';
import { EXIT, unlessStopped } from '../local/shared/command.ts';
import { FunctionError } from '../local/shared/function-error.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { UserError } from '../local/shared/user-error.ts';

/** A request whose answer was lost is not sent again by itself: the function may be at it still. */
const ATTEMPTS_MAX = 1;

export const STACK_OPTION = [
  '--stack <name>',
  'a deployed stack instead, through its operator function',
] as const;

const STOPPED =
  'stopped here; the function goes on to the end of its part, 15 minutes at most. Nothing is half: run it again.';

/** @param request made anew for each part: a login in it is good for minutes. */
export async function askStack(
  stack: string,
  request: () => Promise<OperatorRequest> | OperatorRequest,
): Promise<void> {
  const signal = stopSignal();
  const functions = deployedFunctions(`${stack}-`, { attemptsMax: ATTEMPTS_MAX });
  try {
    await unlessStopped(signal, askAll(functions, request), STOPPED);
  } finally {
    await functions.close();
  }
}

async function askAll(
  functions: Functions,
  request: () => Promise<OperatorRequest> | OperatorRequest,
): Promise<void> {
  let next: OperatorAnswer['next'];
  do {
    const event = JSON.stringify({ ...(await request()), ...(next && { next }) });
    const answer = await ask(functions, event);
    if (answer.refusal !== undefined) throw new UserError(answer.refusal);
    process.stdout.write(answer.text);
    process.stderr.write(answer.warnings ?? '');
    if (answer.isFound) process.exitCode = EXIT.found;
    next = answer.next;
  } while (next);
}

async function ask(functions: Functions, event: string): Promise<OperatorAnswer> {
  try {
    return JSON.parse(await functions.invoke('operate-stores', event)) as OperatorAnswer;
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const reason = `the function failed: ${error.name}: ${error.message}`.replace(/\.$/, '');
    throw new UserError(`${reason}.${adviceFor(error)}`);
  }
}

/** What Lambda itself did to it. */
function adviceFor({ name, message }: FunctionError): string {
  if (/OutOfMemory|ExitError|signal: killed/.test(`${name} ${message}`)) {
    return ' That is most often a lack of memory: deploy with a larger operatorMemoryMiB. Nothing is half.';
  }
  if (/Timedout|timed out/i.test(`${name} ${message}`)) {
    return (
      ' Lambda ends a function after 15 minutes; nothing is half. Run it again after two minutes, ' +
      'or over the stores themselves (docs/operate.md).'
    );
  }
  return '';
}
