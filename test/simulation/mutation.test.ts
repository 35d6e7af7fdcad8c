// I23: the lists of mutations are of this code. A text that is gone, or stands twice, would be no mutation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutate } from './mutation.ts';
import { mutations as ordersMutations } from './orders/mutations.ts';
import { MUTATIONS as outcomesMutations } from './outcomes/mutations.ts';

test.for([...ordersMutations, ...outcomesMutations])(
  'the text of a mutation stands in the code, once: $name',
  (mutation) => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', mutation.file), 'utf8');
    expect(mutate(text, mutation)).toContain(mutation.replace);
  },
);

test('a mutation whose text is no longer there once is an error', () => {
  const mutation = { name: 'x', file: 'y.ts', find: 'a', replace: 'b' };
  expect(mutate('cat', mutation)).toBe('cbt');
  expect(() => mutate('dog', mutation)).toThrow('stale');
  expect(() => mutate('banana', mutation)).toThrow('3 times, not once');
});
