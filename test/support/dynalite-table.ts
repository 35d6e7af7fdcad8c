// The aggregates table on dynalite, DynamoDB's protocol in this process.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { makeTable, type Table } from '../../functions/orders/table/table-store.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';

const TABLE = 'aggregates';

/** @param createTableMs how long a new table takes no writes */
export async function startDynalite(
  createTableMs = 0,
): Promise<{ client: DynamoDBClient; close: () => void }> {
  const server = dynalite({ createTableMs });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    close: () => {
      client.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

export async function startDynaliteTable(
  createTableMs = 0,
): Promise<{ table: Table; close: () => void }> {
  const { client, close } = await startDynalite(createTableMs);
  await createAggregatesTable(client, TABLE);
  return { table: makeTable(client, TABLE), close };
}
