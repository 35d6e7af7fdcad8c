// For what asks nothing of the database: whoever does ask fails the test.
import type { OutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';

const refuse = () => {
  throw new Error('The database was asked.');
};

export const UNUSED_OUTCOMES: OutcomesStore = { rows: refuse, snapshot: refuse, stream: refuse };
