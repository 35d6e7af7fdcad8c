// Replays capture files through the built bundles, as `npm run replay` does. The stores and the hosts of
// the functions are started once; before each use the stores are emptied.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { audit } from '../../functions/orders/repair/audit.ts';
import type { Difference } from '../../functions/orders/repair/differences.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { openCaptures } from '../../local/replay/captures.ts';
import { type ReplayResult, replayCaptures } from '../../local/replay/replay-captures.ts';
import { type Functions, hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { openOrders } from '../../operate/order-ports.ts';

/** The committed captures, or those just made (`npm run test:live`). */
export const CAPTURES =
  process.env.CAPTURES_DIR || join(import.meta.dirname, '..', 'fixtures', 'captures');

export type Settings = Readonly<Record<string, string>>;

export interface Bench {
  /** @param settings - of how change events are read; the defaults without it. */
  replay(file: string, batchSize: number, settings?: Settings): Promise<ReplayResult>;
  audit(): Promise<readonly Difference[]>;
  /** By key, the objects whose key starts so. */
  objects(prefix: string): Promise<Map<string, string>>;
}

/** To be called at the top of a test file. */
export function useBench(): Bench {
  let dataDir = '';
  let stores: Stores;
  const hosted = new Map<string, Functions>();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'captures-'));
    stores = await openStores(dataDir, { command: 'replay', env: {} });
  });
  beforeEach(() => empty(stores));
  afterAll(async () => {
    for (const functions of hosted.values()) await functions.close();
    await stores.close();
    await rm(dataDir, { recursive: true });
  });

  async function functionsWith(settings: Settings): Promise<Functions> {
    const name = JSON.stringify(settings);
    const functions = hosted.get(name) ?? (await hostFunctions(surroundingsOf(stores, settings)));
    hosted.set(name, functions);
    return functions;
  }

  return {
    replay: async (file, batchSize, settings = {}) =>
      replayCaptures(stores, await functionsWith(settings), await openCaptures([file]), {
        batchSize,
        routes: routeTopics(OUTCOMES_TOPIC),
      }),
    async audit() {
      return (await audit(openOrders(stores, '', async () => {}))).differences;
    },
    async objects(prefix) {
      const folder = join(stores.paths.s3, stores.bucket);
      const read = async (key: string) => [key, await readFile(join(folder, key), 'utf8')] as const;
      return new Map(await Promise.all((await listKeys(stores, prefix)).map(read)));
    },
  };
}

async function empty(stores: Stores): Promise<void> {
  const { dynamodb, table, paths, bucket } = stores;
  const items = await Array.fromAsync(makeTable(dynamodb, table).scan());
  await makeTable(dynamodb, table).deleteMany(items.map(({ key }) => key));
  for (const key of await listKeys(stores, '')) await rm(join(paths.s3, bucket, key));
}

async function listKeys({ s3, bucket }: Stores, prefix: string): Promise<string[]> {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return (Contents ?? []).flatMap(({ Key }) => Key ?? []);
}
