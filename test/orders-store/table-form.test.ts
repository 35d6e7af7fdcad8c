// I75: a table of another form is named with the way out, and never written to.

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { makeFormStore } from '../../functions/orders/table/form-store.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';
import { startDynalite } from '../support/dynalite-table.ts';
import { MemoryTable } from '../support/memory-table.ts';

test('the span of a new table is the setting’s, and stays what it was', async () => {
  const table = new MemoryTable();
  expect(await makeFormStore(table, undefined, 96).span()).toBe(96);
  expect(await makeFormStore(table, undefined, 32).span()).toBe(96);
  await expect(makeFormStore(table, 32, 96).span()).rejects.toThrow(
    /^PAGE_SPAN is 32, but the table's pages were made with 96/,
  );
});

test('a table of the first form is refused', async () => {
  const { client, close } = await startDynalite();
  await createAggregatesTable(client, 'old');
  const Item = { pk: { S: 'stream' }, sk: { S: 'dbserver1.public.orders 0:0' }, b: { N: '7' } };
  await client.send(new PutItemCommand({ TableName: 'old', Item }));
  await expect(makeFormStore(makeTable(client, 'old'), undefined, 96).span()).rejects.toThrow(
    /holds aggregates of the first form .*give the function a new table/,
  );
  close();
});
