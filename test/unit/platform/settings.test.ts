// I11: nothing is under way when an invocation answers; and settings that name what is wrong.
import { expect, test } from 'vitest';
import {
  integerSetting,
  requiredSetting,
  textSetting,
} from '../../../functions/platform/settings.ts';
import { allSettledOrThrow } from '../../../functions/platform/settle.ts';

test('a missing or wrong setting is named with what is allowed', () => {
  expect(() => requiredSetting({}, 'S3_BUCKET')).toThrow(
    'The environment variable S3_BUCKET is not set.',
  );
  const topN = (value?: string) =>
    integerSetting(value === undefined ? {} : { TOP_N: value }, 'TOP_N', 100, {
      min: 1,
      max: 1000,
    });
  expect(topN()).toBe(100);
  expect(topN('')).toBe(100);
  expect(topN('7')).toBe(7);
  for (const value of ['0', '1001', '1.5', 'x', '-1', '1e2']) {
    expect(() => topN(value)).toThrow(
      `TOP_N is "${value}": it must be a whole number from 1 to 1000.`,
    );
  }
  expect(textSetting({ E: 'a1' }, 'E', '0', /^\w+$/)).toBe('a1');
  expect(() => textSetting({ E: 'a:1' }, 'E', '0', /^\w+$/)).toThrow('E is "a:1"');
});

test('all are waited for before the first failure is thrown, with every reason in it', async () => {
  let isDone = false;
  const slow = new Promise<void>((resolve) =>
    setTimeout(() => {
      isDone = true;
      resolve();
    }, 20),
  );
  const failures = [Promise.reject(new Error('one')), Promise.reject(new RangeError('two'))];
  await expect(allSettledOrThrow([slow, ...failures])).rejects.toThrow(
    'Error: one; RangeError: two',
  );
  expect(isDone).toBe(true);
});
