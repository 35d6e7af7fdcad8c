// dynalite ships no types: what the runner uses of 4.0.0.

declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    readonly path?: string;
    readonly createTableMs: number;
  }
  export default function dynalite(options: Options): Server;
}

declare module 'dynalite/db/index.js' {
  interface Table {
    readonly TableName: string;
    readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string }[];
  }
  interface Values<T> {
    createValueStream(): AsyncIterable<T>;
  }
  type Done = (error?: Error | null) => void;
  interface Store {
    readonly db: { open(): Promise<void>; close(): Promise<void> };
    readonly tableDb: Values<Table>;
    getItemDb(table: string): Values<object>;
    deleteIndexDb(type: 'Global', table: string, index: string, done: Done): void;
  }
  interface Internals {
    create(options: { readonly path: string }): Store;
    updateIndexes(
      store: Store,
      table: Table,
      before: object | null,
      after: object,
      done: Done,
    ): void;
  }
  const internals: Internals;
  export default internals;
}
