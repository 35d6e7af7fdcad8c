// dynalite in a thread of its own. It throws what the disk reports to nobody in particular: here
// that ends only this thread, and the owner hears of it.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';
import internals from 'dynalite/db/index.js';
import { errorCode } from '../shared/user-error.ts';
import { standBefore } from './dynamodb-door.ts';

export interface DynamoDbOrder {
  readonly path: string;
  readonly port: number;
}

export type DynamoDbNews =
  | { readonly kind: 'listening'; readonly port: number }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      /** Whether it was the port rather than the files. */
      readonly isPort: boolean;
    };

/** Node's 5 s would close connections on which a busy client is about to send. */
const KEEP_ALIVE_MS = 120_000;

const { path, port } = workerData as DynamoDbOrder;
const owner = parentPort;
if (!owner) throw new Error('dynamodb-thread.ts runs as a worker thread only.');

function tell(news: DynamoDbNews): void {
  owner?.postMessage(news);
}

try {
  await checkFiles();
  const server = dynalite({ path, createTableMs: 0 });
  standBefore(server);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  owner.once('message', () => {
    server.close(() => owner.close());
    server.closeAllConnections();
  });
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port });
} catch (error) {
  const reason = error instanceof Error && error.cause ? error.cause : error;
  const message = reason instanceof Error ? reason.message : String(reason);
  const isPort = reason instanceof Error && 'port' in reason;
  tell({ kind: 'failed', code: errorCode(reason) ?? '', message, isPort });
  owner.close();
}

/** dynalite opens its files late and hides why it could not: open them once before it does. */
async function checkFiles(): Promise<void> {
  const store = internals.create({ path });
  await store.db.open();
  await store.db.close();
}
