// The aggregates table on dynalite, DynamoDB's protocol in this process.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { BillingMode, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { AGGREGATES_TABLE } from '../../functions/contracts.ts';
import { makeTable, type Table } from '../../functions/orders/store/table-store.ts';

const TABLE = 'aggregates';

export async function startDynaliteTable(): Promise<{ table: Table; close: () => void }> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateTableCommand(tableDefinition()));
  return {
    table: makeTable(client, TABLE),
    close: () => {
      client.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function tableDefinition() {
  const { partitionKey, sortKey, rankingIndex } = AGGREGATES_TABLE;
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const texts = [partitionKey, sortKey, rankingIndex.partitionKey];
  return {
    TableName: TABLE,
    BillingMode: BillingMode.PAY_PER_REQUEST,
    KeySchema: keys(partitionKey, sortKey),
    AttributeDefinitions: [
      ...texts.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      { AttributeName: rankingIndex.sortKey, AttributeType: 'N' as const },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: rankingIndex.name,
        KeySchema: keys(rankingIndex.partitionKey, rankingIndex.sortKey),
        Projection: { ProjectionType: 'ALL' as const },
      },
    ],
  };
}
