// I24: the simulated DynamoDB and S3 answer as real engines do, command by command.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';
import { calmDynamoDbClient, calmS3Client } from '../simulation/stores/clients.ts';
import { SimulatedDynamoDb } from '../simulation/stores/dynamodb.ts';
import { SimulatedS3 } from '../simulation/stores/s3.ts';
import { startDynalite } from '../support/dynalite-table.ts';
import { dynamoDbSuite } from './dynamodb-suite.ts';
import { s3Suite } from './s3-suite.ts';

dynamoDbSuite('simulated', async () => ({
  client: calmDynamoDbClient(new SimulatedDynamoDb()),
  close: () => {},
}));
dynamoDbSuite('dynalite', startDynalite);
s3Suite('simulated', async () => ({
  client: calmS3Client(new SimulatedS3(() => Date.now())),
  close: () => {},
}));
s3Suite("the project's own server", startS3Server);

async function startS3Server() {
  const folder = await mkdtemp(join(tmpdir(), 's3-'));
  const files = new ObjectFiles(folder);
  await files.prepare();
  const server = createS3Server(files, 'contract', (error) => {
    throw error;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    close: async () => {
      client.destroy();
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
