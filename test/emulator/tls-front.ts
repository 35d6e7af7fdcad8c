// Stands where TLS would end: every call that comes through it counts as encrypted, as all of them are in
// AWS. Without it the buckets' policies, which the emulator enforces, refuse plain HTTP.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface TlsFront {
  readonly endpoint: string;
  close(): void;
}

export async function startTlsFront(port: number): Promise<TlsFront> {
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const call = request({
      ...{ host: '127.0.0.1', port, method, path },
      headers: { ...headers, 'x-forwarded-proto': 'https' },
    });
    call.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    pipeline(incoming, call).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${own}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
