// Lambda ends a function after 15 minutes, whatever it does. What is long is left in time: where it can go on, by
// the next invocation; where it cannot, with a word on what to do instead.
import type { RebuildPorts } from '../orders/repair/rebuild.ts';
import { Refusal } from './refusal.ts';

export interface Deadline {
  readonly now: () => number;
  readonly atMs: number;
}

export const isOver = ({ now, atMs }: Deadline): boolean => now() >= atMs;

/** What goes on in a next invocation leaves most of its own to the step that it is in, such as a large day. */
const PART_MS_MAX = 300_000;

/** Asked between two steps, from now on: whether the next is for another invocation. */
export function partEnd(deadline: Deadline): () => boolean {
  const endMs = deadline.now() + PART_MS_MAX;
  return () => isOver(deadline) || deadline.now() >= endMs;
}

/** The same stores, but whoever reads all of the table or waits is stopped at the deadline. */
export function boundOrders(ports: RebuildPorts, deadline: Deadline, command: string) {
  function check(): void {
    if (!isOver(deadline)) return;
    throw new Refusal(
      `The table is too large for one run of the function, which Lambda ends after 15 minutes; nothing is half. ` +
        `Run "npm run ${command} -- --table NAME" on a machine of its region: that takes the time it needs.`,
    );
  }
  async function* scan() {
    for await (const stored of ports.table.scan()) {
      check();
      yield stored;
    }
  }
  const pause = async () => {
    check();
    await ports.pause();
  };
  return { ...ports, pause, table: { ...ports.table, scan } };
}
