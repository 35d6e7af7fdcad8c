// The two ways an answer leaves: whole, as a buffered proxy integration wants it, within the size that
// Lambda takes; or as a stream. Pure.
import { LIMITS } from '../../contracts.ts';
import { type Answer, ApiError } from './answer.ts';

export interface WholeAnswer extends Answer {
  readonly body: string;
}

/** @throws {ApiError} 413 when it is larger than Lambda can hand over; nothing is read then that is known to be too large. */
export async function deliverWhole(answer: Answer): Promise<WholeAnswer> {
  const leastBytes = (await answer.leastBytes?.()) ?? 0;
  if (leastBytes > LIMITS.answerBytesMax) throw tooLarge();
  const pieces: string[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(answer)) {
    bytes += payloadBytes(piece);
    if (bytes > LIMITS.answerBytesMax) throw tooLarge();
    pieces.push(piece);
  }
  return { ...answer, body: pieces.join('') };
}

/** Waits for the first piece: an error before it can still be told by the status. */
export async function deliverStream(answer: Answer): Promise<Answer> {
  if (typeof answer.body === 'string') return answer;
  const pieces = answer.body[Symbol.asyncIterator]();
  const first = await pieces.next();
  return { ...answer, body: resume(first, pieces) };
}

async function* resume(first: IteratorResult<string>, rest: AsyncIterator<string>) {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* piecesOf({ body }: Answer): AsyncGenerator<string> {
  if (typeof body === 'string') yield body;
  else yield* body;
}

/** The answer travels as a string inside JSON: quotes and line ends take two bytes there. */
function payloadBytes(piece: string): number {
  return Buffer.byteLength(JSON.stringify(piece));
}

function tooLarge(): ApiError {
  const megabytes = LIMITS.answerBytesMax / 1_000_000;
  const detail =
    `The answer is larger than ${megabytes} MB, the most that can be sent in one piece. ` +
    'Narrow it by filters (less time, one currency), or take a list page by page with cursor and page_size.';
  return new ApiError(413, { detail });
}
