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
  interface Store {
    readonly db: { open(): Promise<void>; close(): Promise<void> };
  }
  interface Internals {
    create(options: { readonly path: string }): Store;
  }
  const internals: Internals;
  export default internals;
}
