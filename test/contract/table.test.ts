// One suite for the table in memory, over the simulated client and on a real engine (dynalite): what the
// random tests believe of a table is true of one. test/live runs it on AWS's DynamoDB Local.
import { expect, onTestFinished, test } from 'vitest';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';
import { calmDynamoDbClient } from '../simulation/stores/clients.ts';
import { SimulatedDynamoDb } from '../simulation/stores/dynamodb.ts';
import { startDynaliteTable } from '../support/dynalite-table.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { tableSuite } from './table-suite.ts';

tableSuite('memory', async () => ({ table: new MemoryTable(), close: () => {} }));
tableSuite('simulated client', openSimulatedTable);
tableSuite('dynalite', () => startDynaliteTable());

test('a table that is being made is waited for', async () => {
  const { table, close } = await startDynaliteTable(300);
  onTestFinished(close);
  const item = { key: { pk: 'a', sk: 'b' }, text: 'x', seen: undefined };
  expect(await table.put(item)).toBe('written');
});

async function openSimulatedTable() {
  const client = calmDynamoDbClient(new SimulatedDynamoDb());
  await createAggregatesTable(client, 'aggregates');
  return { table: makeTable(client, 'aggregates'), close: () => {} };
}
