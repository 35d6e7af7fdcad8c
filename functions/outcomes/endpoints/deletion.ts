// Deletion for data cleanup, where it is allowed: one outcome, or what a filter leaves once its count is confirmed.
import type { ApiRequest } from '../query/api-request.ts';
import { namesFilter } from '../query/deletion-query.ts';
import { outcomeQuery } from '../query/outcomes-query.ts';
import {
  type DeletionParameters,
  deletionParameters,
  type Filters,
  filterParameters,
} from '../query/parameters.ts';
import { ApiError, badParameters, jsonAnswer } from '../respond/answer.ts';
import { DeletionNotGrantedError, type DeletionStore } from '../store/deletion-store.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import { defineEndpoint, type Operation } from './endpoint.ts';
import { noSuchOutcome, readId } from './outcome-id.ts';

export interface Deletion {
  readonly store: DeletionStore;
  /** Of Cognito: who must be of it. Undefined: whoever was let in to the method may. */
  readonly group: string | undefined;
}

const NOT_PERMITTED = 'The caller may not delete.';

/** Milliseconds since 1970. */
type Clock = () => number;

/** What is left then is for the next request: API Gateway waits no longer than 29 seconds. */
const BUDGET_MS = 15_000;

export function deletionOfOne(outcomes: OutcomesStore, deletion: Deletion): Operation {
  return defineEndpoint({
    name: 'Auction Outcome Destroy',
    description: 'Deletes one outcome; the filters apply. Only where deletion is allowed.',
    formats: ['json'],
    parameters: filterParameters,
    response: 'nothing',
    status: 204,
    failures: { 403: NOT_PERMITTED },
    answer: async ({ request, path, parameters }) => {
      assertMayDelete(request, deletion);
      const id = readId(path.id);
      // Reads on a connection that may have been lost are repeated, deletions are not.
      const [row] = await outcomes.rows(outcomeQuery(id, parameters));
      if (!row || !(await explained(deletion.store.deleteOne(id, parameters)))) {
        throw noSuchOutcome();
      }
      return { status: 204, headers: {}, body: '' };
    },
  });
}

export function deletionByFilter(deletion: Deletion, now: Clock): Operation {
  return defineEndpoint({
    name: 'Auction Outcome Bulk Destroy',
    description:
      'Deletes the outcomes that match, once their count is confirmed; at least one filter must be named. Only ' +
      'where deletion is allowed.',
    formats: ['json'],
    parameters: deletionParameters,
    response: 'deletedOutcomes',
    failures: { 403: NOT_PERMITTED },
    errors: {
      409: {
        description: 'Another count matches now: nothing was deleted.',
        schema: 'otherCount',
      },
    },
    answer: async ({ request, parameters }) => {
      assertMayDelete(request, deletion);
      const confirmed = confirmedCount(parameters);
      const { store } = deletion;
      const lastId = await explained(store.lastId());
      const count = lastId === undefined ? 0 : await store.count(parameters, lastId);
      if (count !== confirmed) throw otherCount(count, confirmed);
      if (lastId === undefined) return jsonAnswer(200, { deleted: 0, remaining: 0 });
      const { deleted, isDone } = await explained(deleteAll(store, parameters, lastId, now));
      return jsonAnswer(200, { deleted, remaining: isDone ? 0 : count - deleted });
    },
  });
}

/** Batch by batch, each whole in itself, until nothing is left or the time is over. */
async function deleteAll(store: DeletionStore, filters: Filters, lastId: string, now: Clock) {
  const end = now() + BUDGET_MS;
  let deleted = 0;
  let batch = 0;
  do {
    batch = await store.deleteSome(filters, lastId);
    deleted += batch;
  } while (batch > 0 && now() < end);
  return { deleted, isDone: batch === 0 };
}

/** @throws {ApiError} 400 */
function confirmedCount(parameters: DeletionParameters): number {
  if (!namesFilter(parameters)) {
    const detail = 'Name at least one filter: nothing deletes all outcomes at once.';
    throw new ApiError(400, { detail });
  }
  const { confirm_count: confirmed } = parameters;
  if (confirmed === undefined) throw badParameters({ confirm_count: ['This field is required.'] });
  return confirmed;
}

function otherCount(count: number, confirmed: number): ApiError {
  const detail = `${count} outcomes match now, not ${confirmed}: nothing was deleted.`;
  return new ApiError(409, { detail, count });
}

/** @throws {ApiError} 403 */
function assertMayDelete({ groups }: ApiRequest, { group }: Deletion): void {
  if (group === undefined || groups.includes(group)) return;
  throw new ApiError(403, { detail: 'You do not have permission to perform this action.' });
}

/** @throws {ApiError} 503 */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DeletionNotGrantedError)) throw error;
    const detail =
      'The database does not allow the API to delete: migrate-database must run with ALLOW_DELETE=true.';
    throw new ApiError(503, { detail });
  }
}
