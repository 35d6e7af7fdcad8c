// A fault that the Kafka client throws where nobody can catch it ends `npm run consume` with one line.
import { expect, test } from 'vitest';
import { explainUncaught } from '../../local/stream/kafka-failure.ts';

function thrownIn(file: string): Error {
  const error = new TypeError('Cannot read properties of undefined');
  error.stack = `${error}\n    at #assign (file:///shop/node_modules/${file}:1838:71)`;
  return error;
}

test.each([
  '@platformatic/kafka/dist/consumer.js',
  String.raw`@platformatic\kafka\dist\consumer.js`,
])('the client’s own fault says so, and what to do: %s', (file) => {
  expect(explainUncaught(thrownIn(file))?.message).toBe(
    'The Kafka client failed by itself: Cannot read properties of undefined. ' +
      'Start again: what was not committed comes once more, and counts once.',
  );
});

test('any other keeps its stack', () => {
  expect(explainUncaught(thrownIn('postgres/src/connection.js'))).toBeUndefined();
  expect(explainUncaught('text')).toBeUndefined();
});
