// Who acts in a seed: pollers that deliver the topic as Lambda does, readers of the API, and the schema's
// upkeep. Each waits for its turn before each thing it does.
import type { Random } from '../../support/random.ts';
import { type History, isDelivered, nextDelivery } from './history.ts';
import type { Sandbox } from './sandbox.ts';
import type { Turns } from './turns.ts';

export interface Recorder {
  readonly sandbox: Sandbox;
  readonly record: (event: unknown) => Promise<{
    readonly records: number;
    readonly applied: number;
    readonly skipped: number;
    readonly quarantined: number;
  }>;
}

export interface Acting {
  readonly turns: Turns;
  readonly random: Random;
  readonly fail: (what: string) => void;
}

/**
 * Delivers until all is acknowledged; again and with other boundaries when an invocation failed.
 * @returns how many records it delivered, those that it delivered again among them.
 */
export async function poll(
  name: string,
  history: History,
  start: () => Recorder,
  { turns, random, fail }: Acting,
): Promise<number> {
  let delivered = 0;
  let recorder = start();
  while (true) {
    await turns.wait(`${name} polls`);
    if (isDelivered(history)) return delivered;
    const { sandbox, record } = recorder;
    const { event, size, acknowledge } = nextDelivery(history, random);
    const before = sandbox.hits;
    delivered += size;
    try {
      const counts = await sandbox.invoke(() => record(event));
      const { records, applied, skipped, quarantined } = counts;
      if (records !== size || applied + skipped + quarantined !== size) {
        fail(`${name}: ${size} records, but answered ${JSON.stringify(counts)}`);
      }
      acknowledge();
    } catch (error) {
      if (sandbox.hits === before) fail(`${name}: failed undisturbed: ${error}`);
    }
    if (sandbox.isDead || sandbox.isAbandoned) recorder = start();
    else if (sandbox.holdsTransaction) fail(`${name}: an invocation left a transaction open`);
  }
}

/** Does the work so many times; what was disturbed may fail. */
export async function repeat(
  name: string,
  times: number,
  start: () => { readonly sandbox: Sandbox; readonly work: () => Promise<void> },
  { turns, fail }: Omit<Acting, 'random'>,
): Promise<void> {
  let actor = start();
  for (let time = 0; time < times; time += 1) {
    await turns.wait(`${name} starts`, 0.3);
    const { sandbox, work } = actor;
    const before = sandbox.hits;
    try {
      await sandbox.invoke(work);
    } catch (error) {
      if (sandbox.hits === before) fail(`${name}: failed undisturbed: ${error}`);
    }
    if (sandbox.isDead || sandbox.isAbandoned) actor = start();
  }
}
