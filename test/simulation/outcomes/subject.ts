// What the simulation runs of the product, as one bundle.

export { makeQuarantineStore } from '../../../functions/kafka/quarantine-store.ts';
export { migrateDatabase } from '../../../functions/outcomes/migrate/migrate.ts';
export {
  dropOutcomesOlderThan,
  makePartitionsAhead,
} from '../../../functions/outcomes/migrate/upkeep.ts';
export { makeRecordOutcomes } from '../../../functions/outcomes/record-outcomes.ts';
export { makePostgres } from '../../../functions/platform/postgres.ts';
export { openApi } from '../../support/api.ts';
export { useHost } from './host-seam.ts';

export type Subject = typeof import('./subject.ts');
