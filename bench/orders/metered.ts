// The orders' functions in this process, over the embedded stores, with their requests and write units counted.
import { ENV } from '../../functions/contracts.ts';
import { makeAggregateOrders } from '../../functions/orders/aggregate-orders.ts';
import type { OrdersHost } from '../../functions/orders/host.ts';
import { makeMaterializeReports } from '../../functions/orders/materialize-reports.ts';
import type { Stores } from '../../local/stores/open-stores.ts';

export interface Spent {
  readonly requests: number;
  readonly units: number;
}

const NO_METRICS: OrdersHost['metrics'] = { addMetric: () => NO_METRICS as never };

export class MeteredFunctions {
  readonly #aggregate: (event: unknown) => Promise<unknown>;
  readonly #materialize: () => Promise<unknown>;
  #requests = 0;
  #units = 0;

  constructor({
    dynamodb,
    s3,
    table,
    bucket,
  }: Pick<Stores, 'dynamodb' | 's3' | 'table' | 'bucket'>) {
    dynamodb.middlewareStack.add(
      (next) => (args) => {
        this.#requests += 1;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const host: OrdersHost = {
      env: { [ENV.aggregatesTable]: table, [ENV.bucket]: bucket },
      now: () => Date.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      ...{ dynamoDb: dynamodb, s3, metrics: NO_METRICS },
      // Both functions say what they have spent in their own log line.
      logger: { info: (_message: unknown, facts: unknown) => this.#note(facts) } as never,
    };
    this.#aggregate = makeAggregateOrders(host);
    this.#materialize = makeMaterializeReports(host);
  }

  get spent(): Spent {
    return { requests: this.#requests, units: this.#units };
  }

  since(before: Spent): Spent {
    return {
      requests: this.#requests - before.requests,
      units: this.#units - before.units,
    };
  }

  readonly invoke = async (_name: string, event: string): Promise<string> =>
    JSON.stringify(await this.#aggregate(JSON.parse(event)));

  report(): Promise<unknown> {
    return this.#materialize();
  }

  #note(facts: unknown): void {
    const { write_units: units } = facts as { readonly write_units?: number };
    this.#units += units ?? 0;
  }
}
