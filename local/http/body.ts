// The body of a request, as far as it may be long: what is beyond is read and dropped, so that the client hears the
// answer and no memory holds it.
import type { IncomingMessage } from 'node:http';

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** @throws {BodyTooLargeError} */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const isTooLong = () => bytes > bytesMax || Number(request.headers['content-length']) > bytesMax;
  if (!isTooLong()) {
    // Left open when it is too long: the answer goes over the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (isTooLong()) break;
      chunks.push(chunk);
    }
  }
  if (!isTooLong()) return Buffer.concat(chunks);
  request.resume();
  throw new BodyTooLargeError(`A body has at most ${bytesMax} bytes.`);
}
