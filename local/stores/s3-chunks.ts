// AWS's own chunked encoding, which SDKs and the CLI use for bodies they stream: without decoding
// it the framing would end up in the object.
import type { IncomingHttpHeaders } from 'node:http';

export function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
}

/** `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n` repeated, then a chunk of size 0 and trailers. */
export function decodeAwsChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size)) throw new RangeError('Broken aws-chunked body.');
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
