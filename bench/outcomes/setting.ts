// What a section of the bench works with.
import type { Sql } from 'postgres';
import type { Environment } from '../../functions/platform/settings.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}
export type AskApi = (url: string) => Promise<ApiAnswer>;

export interface Bench {
  /** The peer: postgres.js with one connection and its own prepared statements. */
  readonly sql: Sql;
  /** The API as the built bundle answers it. */
  readonly ask: AskApi;
  readonly env: Environment;
  readonly rows: number;
}
