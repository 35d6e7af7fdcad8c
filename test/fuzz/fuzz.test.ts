// I32: whatever comes in by Lambda's events, change events, outcome messages or requests, nothing ends a
// process or stops a batch; each record is in the result, skipped by a rule or in quarantine with its bytes,
// and its neighbours count as if it had not been there. `npm run fuzz` does the same for as long as one likes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeds } from '../support/random.ts';
import { debeziumTarget } from './debezium-values.ts';
import { runTarget, type Target } from './fuzz-run.ts';
import { type HostedFunctions, hostFunctions } from './hosted-functions.ts';
import { httpTarget } from './http-requests.ts';
import { lambdaTarget } from './lambda-events.ts';
import { outcomesTarget } from './outcome-messages.ts';

const [seed = 0] = seeds(1);

let functions: HostedFunctions;
beforeAll(async () => {
  functions = await hostFunctions();
});
afterAll(() => functions?.close());

async function expectNothingFound<Input>(target: Target<Input>, inputsMax: number): Promise<void> {
  const bounds = { seed, inputsMax, secondsMax: Number.POSITIVE_INFINITY, findingsMax: 3 };
  const { inputs, findings } = await runTarget(target, bounds);
  expect(findings).toEqual([]);
  expect(inputs).toBeGreaterThanOrEqual(inputsMax);
  await target.close?.();
}

test(`Lambda's events, seed ${seed}`, () => expectNothingFound(lambdaTarget(), 3_000));
test(`change events, seed ${seed}`, () => expectNothingFound(debeziumTarget(), 6_000));
test(`outcome messages, seed ${seed}`, () => expectNothingFound(outcomesTarget(functions), 400));
test(`requests, seed ${seed}`, async () => expectNothingFound(await httpTarget(functions), 500));
