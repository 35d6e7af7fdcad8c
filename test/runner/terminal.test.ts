import { expect, test } from 'vitest';
import { Progress } from '../../local/service/progress.ts';
import { shareOf } from '../../local/shared/figures.ts';
import { Terminal } from '../../local/shared/terminal.ts';

function makeTerminal(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return {
    written,
    terminal: new Terminal({ isTTY, columns, write: (text) => written.push(text) }),
  };
}

test('on a terminal the status is rewritten in place, under the lines that stay', () => {
  const { written, terminal } = makeTerminal(true);
  terminal.status('x'.repeat(50), 0);
  terminal.line('report');
  terminal.end();
  const clear = '\r\u001b[2K';
  const status = `${clear}${'x'.repeat(39)}`;
  expect(written).toEqual([status, clear, 'report\n', status, '\n']);
});

test('a status that is too long loses whole parts, from its end', () => {
  const { written, terminal } = makeTerminal(true, 30);
  terminal.status('1,244 records · lag 17 · 4 quarantined', 0);
  expect(written).toEqual(['\r\u001b[2K1,244 records · lag 17']);
});

test('the first plain line comes when there is something to wait for', () => {
  const written: string[] = [];
  const terminal = new Terminal({ write: (text) => written.push(text) }, 100_000);
  for (let second = 100; second < 125; second += 1) terminal.status(`at ${second}`, second * 1000);
  expect(written).toEqual(['at 110\n', 'at 120\n']);
});

test('the share of work tells how long the rest takes', () => {
  expect(shareOf(0, 1000, 5000)).toBe('0 %');
  expect(shareOf(250, 1000, 10_000)).toBe('25 % · 30 s left');
  expect(shareOf(100, 1000, 60_000)).toBe('10 % · 9 min left');
  expect(shareOf(1000, 1000, 60_000)).toBe('100 % · 0 s left');
});

test('elsewhere the status is a plain line now and then', () => {
  const { written, terminal } = makeTerminal(false);
  for (let second = 100; second < 125; second += 1) terminal.status(`at ${second}`, second * 1000);
  terminal.end();
  expect(written).toEqual(['at 100\n', 'at 110\n', 'at 120\n']);
});

test('the progress line tells totals, rate, lag and the newest report', () => {
  const progress = new Progress();
  expect(progress.toLine(0, 1000)).toBe(
    '0 records · 0.0/s · lag 0 · 0 outcomes · 0 quarantined · no report yet',
  );
  const counts = { applied: 0, skipped: 0, ignored: 0, quarantined: 2, write_units: 0 };
  progress.count({ ...counts, records: 1234 });
  progress.rate(2000);
  progress.count({ ...counts, records: 10, applied: 7 }, 'record-outcomes');
  const figures = { orders: '1234567', revenue: '-9876543.10' };
  progress.reported({ generatedAt: '2025-01-15T10:30:00', atMs: 5000, figures });
  expect(progress.toLine(17, 15_000)).toBe(
    '1,244 records · 0.0/s · lag 17 · 7 outcomes · 4 quarantined · report 10 s ago: 1,234,567 orders for -9,876,543.10',
  );
});

test('the rate is that of the last ten seconds', () => {
  const progress = new Progress();
  const counts = { applied: 0, skipped: 0, ignored: 0, quarantined: 0, write_units: 0 };
  for (let second = 0; second <= 30; second += 1) {
    progress.count({ ...counts, records: second < 15 ? 100 : 5 });
    progress.rate(second * 1000);
  }
  expect(progress.rate(30_000)).toBe(5);
});
