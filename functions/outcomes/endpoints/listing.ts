// What both ways of paging a list share.
import type { ApiRequest } from '../query/api-request.ts';
import { readOrdering } from '../query/ordering.ts';
import type { Selection } from '../query/outcomes-query.ts';
import type { Filters, ListParameters } from '../query/parameters.ts';
import type { Query } from '../query/sql.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';

export interface Listing {
  readonly request: ApiRequest;
  readonly parameters: ListParameters & Filters;
  readonly store: OutcomesStore;
}

export interface ListingPage<Row> {
  readonly count?: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly rows: readonly Row[];
}

export function selectionOf<Row>({ parameters }: Listing, columns: Query<Row>): Selection<Row> {
  return { columns, filters: parameters, ordering: readOrdering(parameters.ordering ?? []) };
}
