// I24: AWS's own DynamoDB Local answers the suites as the embedded and the simulated DynamoDB do. Needs Java.
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';
import { dynamoDbSuite } from '../contract/dynamodb-suite.ts';
import { tableSuite } from '../contract/table-suite.ts';
import { createDynamoDbLocal, type DynamoDbLocal } from '../platform/dynamodb-local.ts';
import { findFreePorts } from '../platform/free-ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'dynamodb-local-'));
let dynamodb: DynamoDbLocal;

beforeAll(async () => {
  const [port = 0] = await findFreePorts(1);
  dynamodb = createDynamoDbLocal({ dir: folder, port });
  await dynamodb.process.start();
}, 180_000);

afterAll(async () => {
  await dynamodb.process.stop();
  await rm(folder, { recursive: true });
});

dynamoDbSuite('DynamoDB Local', async () => {
  const client = dynamodb.client();
  return { client, close: () => client.destroy() };
});

tableSuite('DynamoDB Local', async () => {
  const client = dynamodb.client();
  const name = `aggregates-${randomUUID()}`;
  await createAggregatesTable(client, name);
  return { table: makeTable(client, name), close: () => client.destroy() };
});
