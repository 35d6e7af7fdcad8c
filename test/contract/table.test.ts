// I24: the table as the functions ask it: on the embedded DynamoDB and in the tests' memory alike.
import { afterAll } from 'vitest';
import { startDynaliteTable } from '../support/dynalite-table.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { tableSuite } from './table-suite.ts';

const embedded = await startDynaliteTable();
afterAll(embedded.close);

tableSuite('embedded', async () => embedded.table);
tableSuite('memory', async () => new MemoryTable());
