// For what asks nothing of the database: whoever does ask fails the test. And for what must do without one.
import type { OutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { DatabaseError } from '../../functions/platform/database-errors.ts';

const refuseWith = (error: Error): OutcomesStore => {
  const refuse = () => {
    throw error;
  };
  const asked = async () => refuse();
  return { rows: asked, servedRows: asked, snapshot: asked, together: asked, stream: refuse };
};

export const UNUSED_OUTCOMES = refuseWith(new Error('The database was asked.'));
export const NO_DATABASE = refuseWith(new DatabaseError('There is no database.'));
