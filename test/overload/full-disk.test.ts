// I34, the full disk: what is on it stays whole, what does not fit is told in one line, and with room again it
// goes on where it stood. On a real disk of a few kilobytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RotatingLog } from '../../local/lambda/rotating-log.ts';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { PartitionLog } from '../../local/stream/partition-log.ts';
import { Positions } from '../../local/stream/positions.ts';
import { mountSmallDisk, noSmallDisk } from './small-disk.ts';

const FULL = /the disk is full/;
const record = (value: string) => ({ timestamp: 1, key: null, value, headers: [] });

/** Leaves so many bytes: no more than a page of them is ever free. */
function fill(folder: string): void {
  const write = (size: number) => {
    try {
      for (let index = 0; ; index += 1) {
        writeFileSync(join(folder, `ballast-${size}-${index}`), Buffer.alloc(size));
      }
    } catch {
      // Full at this size.
    }
  };
  for (const size of [65_536, 4_096]) write(size);
}

describe.skipIf(noSmallDisk)(
  `a full disk${noSmallDisk ? ` (skipped: ${noSmallDisk})` : ''}`,
  () => {
    test('a topic takes no half record, and goes on when there is room', () => {
      const disk = mountSmallDisk(256);
      const log = new PartitionLog(disk.path, 'orders', 0, 0n);
      let taken = 0;
      const append = () => {
        log.append([record(`${taken} ${'x'.repeat(3_000)}`)]);
        taken += 1;
      };
      expect(() => {
        for (;;) append();
      }).toThrow(FULL);
      expect(append).toThrow(FULL);
      expect(log.nextOffset).toBe(BigInt(taken));
      const values = () => log.read(0n, 1_000).map(({ value }) => Number.parseInt(value ?? '', 10));
      expect(values()).toEqual(Array.from({ length: taken }, (_, index) => index));
      disk.grow(512);
      append();
      append();
      expect(values()).toEqual(Array.from({ length: taken }, (_, index) => index));
      expect(new PartitionLog(disk.path, 'orders', 0, 0n).nextOffset).toBe(BigInt(taken));
    });

    test('a position that cannot be written stays the one before', async () => {
      const disk = mountSmallDisk(256);
      const path = join(disk.path, 'positions.json');
      const positions = await Positions.open(path);
      await positions.commit('orders', new Map([[0, 4n]]));
      fill(disk.path);
      await expect(positions.commit('orders', new Map([[0, 9n]]))).rejects.toThrow(FULL);
      expect((await Positions.open(path)).next('orders', 0)).toBe(5n);
      disk.grow(512);
      await positions.commit('orders', new Map([[0, 9n]]));
      expect((await Positions.open(path)).next('orders', 0)).toBe(10n);
    });

    test('an object stays the old one until the new one is there whole', async () => {
      const disk = mountSmallDisk(256);
      const files = new ObjectFiles(disk.path);
      await files.prepare();
      await files.createBucket('b');
      await files.write('b', 'latest.json', Buffer.from('old'), {});
      const large = Buffer.alloc(300_000, 'n');
      await expect(files.write('b', 'latest.json', large, {})).rejects.toHaveProperty(
        'code',
        'ENOSPC',
      );
      expect(String((await files.read('b', 'latest.json'))?.body)).toBe('old');
      disk.grow(1_024);
      await files.write('b', 'latest.json', large, {});
      expect((await files.read('b', 'latest.json'))?.body).toEqual(large);
    });

    test('a log that cannot be written is no reason to stop: it is told once, and again when it lasts', () => {
      const disk = mountSmallDisk(64);
      const told: string[] = [];
      const log = new RotatingLog(join(disk.path, 'f.log'), {
        onFailure: (error) => void told.push(String(error)),
      });
      log.append(Buffer.from('before\n'));
      for (let chunk = 0; chunk < 40; chunk += 1) log.append(Buffer.alloc(4_096, 'x'));
      expect(told).toEqual([expect.stringMatching(FULL)]);
      disk.grow(256);
      log.append(Buffer.from('after\n'));
      expect(readFileSync(join(disk.path, 'f.log'), 'utf8')).toMatch(/^before\n.*after\n$/s);
    });
  },
);
