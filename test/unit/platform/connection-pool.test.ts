// I128: what a pool lends is open and the process lives for it; what is idle is nobody's, and who waits in vain learns why.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makePool } from '../../../functions/platform/connection-pool.ts';
import type { Connection } from '../../../functions/platform/postgres-connection.ts';

class FakeConnection implements Connection {
  isOpen = true;
  keepsStatements = true;
  keepsProcess = true;
  ask = async () => ({ rows: [], command: '' });
  destroy = () => {
    this.isOpen = false;
  };
  close = async () => this.destroy();
  keepProcess = (isNeeded: boolean) => {
    this.keepsProcess = isNeeded;
  };
}

const OPTIONS = { connectionsMax: 2, waitTimeoutMs: 1_000, idleTimeoutMs: 60_000 };

/** `opened[n]` is called when the n-th connection is there. */
function openLater() {
  const opened: ((connection: Connection) => void)[] = [];
  const open = () => new Promise<Connection>((resolve) => opened.push(resolve));
  return { open, opened };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the process lives for a connection while it is lent, and no longer', async () => {
  const pool = makePool(async () => new FakeConnection(), OPTIONS);
  const connection = (await pool.lend()) as FakeConnection;
  expect(connection.keepsProcess).toBe(true);
  pool.giveBack(connection);
  expect(connection.keepsProcess).toBe(false);
  expect(await pool.lend()).toBe(connection);
  expect(connection.keepsProcess).toBe(true);
});

test('one that is open when nobody waits for it any more keeps no process alive', async () => {
  const { open, opened } = openLater();
  const pool = makePool(open, OPTIONS);
  const lent = [pool.lend(), pool.lend()];
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  opened[0]?.(first);
  pool.giveBack((await lent[0]) as Connection);
  pool.giveBack((await lent[1]) as Connection);
  opened[1]?.(second);
  await vi.advanceTimersByTimeAsync(0);
  expect([first.keepsProcess, second.keepsProcess]).toEqual([false, false]);
});

test('each learns why there is no connection for it', async () => {
  const open = async () => {
    throw new Error('refused');
  };
  const pool = makePool(open, OPTIONS);
  const asked = Promise.allSettled([pool.lend(), pool.lend(), pool.lend()]);
  await vi.advanceTimersByTimeAsync(999);
  const reasons = (await asked).map((one) => 'reason' in one && one.reason.message);
  expect(reasons).toEqual(['refused', 'refused', 'refused']);
});

test('who waits too long for one that others hold is told so', async () => {
  const pool = makePool(async () => new FakeConnection(), { ...OPTIONS, connectionsMax: 1 });
  await pool.lend();
  const late = expect(pool.lend()).rejects.toThrow('no connection came free within 1000 ms');
  await vi.advanceTimersByTimeAsync(1_000);
  await late;
});

test('what was lost is not lent again, whether it is idle or given back', async () => {
  const pool = makePool(async () => new FakeConnection(), OPTIONS);
  const first = await pool.lend();
  first.destroy();
  pool.giveBack(first);
  const second = await pool.lend();
  expect(second).not.toBe(first);
  pool.giveBack(second);
  second.destroy();
  expect([first, second]).not.toContain(await pool.lend());
});

test('one that was idle too long is closed, also when its timers stood still', async () => {
  const pool = makePool(async () => new FakeConnection(), OPTIONS);
  const idle = await pool.lend();
  pool.giveBack(idle);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(idle.isOpen).toBe(false);
  const frozen = await pool.lend();
  pool.giveBack(frozen);
  vi.setSystemTime(Date.now() + 61_000);
  expect(await pool.lend()).not.toBe(frozen);
  expect(frozen.isOpen).toBe(false);
});

test('its end waits for what is lent, and it lends no more', async () => {
  const pool = makePool(async () => new FakeConnection(), OPTIONS);
  const lent = await pool.lend();
  let hasEnded = false;
  const end = pool.end().then(() => {
    hasEnded = true;
  });
  await expect(pool.lend()).rejects.toThrow('the client was ended');
  await vi.advanceTimersByTimeAsync(100);
  expect([hasEnded, lent.isOpen]).toEqual([false, true]);
  pool.giveBack(lent);
  await end;
  expect(lent.isOpen).toBe(false);
});
