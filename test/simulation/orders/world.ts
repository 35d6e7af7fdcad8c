// Everything around the functions of the orders, made from one seed.
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { AggregateLimits } from '../../../functions/orders/aggregate-orders.ts';
import type { WrittenReports } from '../../../functions/orders/materialize-reports.ts';
import type { AuditResult, SteadyAudit } from '../../../functions/orders/repair/audit.ts';
import { createAggregatesTable } from '../../../local/stores/dynamodb.ts';
import { makeRandom, type Random } from '../../support/random.ts';
import { Network, type Weather } from '../network.ts';
import { Schedule } from '../schedule.ts';
import { calmDynamoDbClient } from '../stores/clients.ts';
import { SimulatedDynamoDb } from '../stores/dynamodb.ts';
import { SimulatedS3 } from '../stores/s3.ts';
import type { StoredTable } from '../stores/stored-table.ts';
import { Connector } from './connector.ts';
import { type Encoding, randomEncoding } from './encoding.ts';
import { type Applied, EventSource } from './event-source.ts';
import { LambdaFunction, type Platform } from './lambda.ts';
import type { Product } from './product.ts';
import { type Shop, Source } from './source.ts';
import { Topics } from './topics.ts';
import { Witness } from './witness.ts';

export const TABLE = 'aggregates';
export const BUCKET = 'reports';
export const TOP_N = 2;
const QUICK_MS = 60;
const START_MS = Date.UTC(2025, 5, 1);

const WEATHERS: readonly Weather[] = [
  { crash: 0, lostAnswer: 0, lateArrival: 0, throttle: 0, outage: 0 },
  { crash: 0.004, lostAnswer: 0.004, lateArrival: 0.002, throttle: 0.004, outage: 0.001 },
  { crash: 0.015, lostAnswer: 0.01, lateArrival: 0.01, throttle: 0.02, outage: 0.004 },
];

/** What is written must be said: some base64 is digits as well. */
const HANDLING = { bytes: 'precise', text: 'string', number: 'double' } as const;

export class World {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly dynamoDb: SimulatedDynamoDb;
  readonly s3: SimulatedS3;
  readonly source: Source;
  readonly topics: Topics;
  readonly encoding: Encoding;
  readonly shop: Shop;
  readonly connector: Connector;
  readonly events: EventSource;
  readonly witness: Witness;
  readonly failures: string[] = [];
  readonly reporter: LambdaFunction<WrittenReports>;
  readonly rebuilder: LambdaFunction<AuditResult>;
  readonly #product: Product;
  readonly #platform: Platform;
  /** So small that all are reached within a run. */
  readonly #aggregateLimits: AggregateLimits;
  readonly #mergeLimits: { bytesMax?: number; kept: number; deleteEvery: number };
  readonly #span: number;
  /** Those of the epochs before may still have invocations under way. */
  readonly #aggregators: LambdaFunction<Applied>[] = [];
  readonly #functions: Pick<LambdaFunction<unknown>, 'busy' | 'buryDead'>[];

  constructor(seed: number, product: Product) {
    this.#product = product;
    const random = makeRandom(seed);
    this.random = random;
    this.schedule = new Schedule(random, START_MS, random.pick([60, 60, 1_000, 5_000]));
    const now = () => this.schedule.nowMs;
    this.network = new Network(random, this.schedule, random.pick(WEATHERS));
    const pages = random.pick([1, 4, 1_000, 1_000, 1_000]);
    this.dynamoDb = new SimulatedDynamoDb({
      pageItems: () => 1 + random.below(pages),
      keysTaken: (asked) => (random.chance(0.05) ? random.below(asked + 1) : asked),
    });
    this.s3 = new SimulatedS3(now);
    this.encoding = randomEncoding(random);
    this.shop = {
      isCrowded: random.chance(0.3),
      isPartitioned: this.encoding.keys === 'partitioned',
      isLsnOfTransaction: random.chance(0.15),
      hasFewAmounts: random.chance(0.2),
      hasLargeAmounts: this.encoding.decimals !== 'number',
    };
    this.source = new Source(random, now, this.shop);
    this.topics = new Topics(random, now);
    this.connector = new Connector(random, this.source, this.topics, this.encoding);
    const fail = (failure: string) => this.failures.push(failure);
    this.events = new EventSource(random, this.schedule, fail);
    this.witness = new Witness(this.topics, TOP_N, fail);
    this.#span = 1 + random.below(5);
    this.#aggregateLimits = {
      ...(random.chance(0.3) && { segmentBytesMax: 150 + random.below(400) }),
      ...(random.chance(0.5) && { rowsAPageMax: 1 + random.below(4) }),
    };
    this.#mergeLimits = {
      ...(random.chance(0.4) && { bytesMax: 200 + random.below(1_000) }),
      kept: TOP_N + random.below(2),
      deleteEvery: 1 + random.below(4),
    };
    this.#platform = {
      ...{ random, schedule: this.schedule, network: this.network },
      dynamoDb: this.witness.watchTable(this.dynamoDb),
      s3: this.witness.watchObjects(this.s3, (key) => this.s3.text(BUCKET, key)),
    };
    this.reporter = new LambdaFunction(
      this.#platform,
      (host) => product.makeMaterializeReports(host, this.#mergeLimits),
      this.#env(),
    );
    this.rebuilder = new LambdaFunction(
      this.#platform,
      (host) => product.makeRepairs(host, this.#mergeLimits).rebuild,
      this.#env(),
    );
    this.#functions = [this.reporter, this.rebuilder];
    this.startEpoch();
  }

  /** In bad weather, or where each request takes seconds, a rebuild would never be through. Answers the way back. */
  calmDown(): () => void {
    const { stepMsMax } = this.schedule;
    this.network.calm(true);
    this.schedule.stepMsMax = Math.min(stepMsMax, QUICK_MS);
    return () => {
      this.network.calm(false);
      this.schedule.stepMsMax = stepMsMax;
    };
  }

  async open(): Promise<void> {
    await createAggregatesTable(calmDynamoDbClient(this.dynamoDb), TABLE);
    this.s3.execute(new CreateBucketCommand({ Bucket: BUCKET }) as never);
    this.events.rebalance(this.topics.all);
  }

  get table(): StoredTable {
    const table = this.dynamoDb.tables.get(TABLE);
    if (!table) throw new Error('The world is not open.');
    return table;
  }

  get aggregator(): LambdaFunction<Applied> {
    return this.#aggregators.at(-1) as LambdaFunction<Applied>;
  }

  get hasInvocations(): boolean {
    return this.#functions.some(({ busy }) => busy > 0);
  }

  /** The function is deployed anew with a new STREAM_EPOCH. */
  startEpoch(): void {
    const make = this.#product.makeAggregateOrders;
    const limits = this.#aggregateLimits;
    const aggregator = new LambdaFunction<Applied>(
      this.#platform,
      (host) => make(host, limits),
      this.#env(),
    );
    this.#aggregators.push(aggregator);
    this.#functions.push(aggregator);
  }

  /** Gives one turn to whoever waits for one; `false` when nobody does. */
  async step(): Promise<boolean> {
    const isBusy = await this.schedule.step();
    for (const one of this.#functions) one.buryDead();
    return isBusy;
  }

  /** DynamoDB's TTL: what has expired goes, some time later. */
  forgetExpired(): void {
    const seconds = this.schedule.nowMs / 1000;
    for (const item of [...this.table.all()]) {
      if (item.ttl?.N !== undefined && Number(item.ttl.N) < seconds) {
        this.table.delete(this.table.keyOf(item, false));
      }
    }
  }

  /** While nothing is under way. */
  audit(): Promise<SteadyAudit> {
    const host = {
      env: this.#env(),
      now: () => this.schedule.nowMs,
      sleep: async () => {},
      dynamoDb: calmDynamoDbClient(this.dynamoDb),
    };
    return this.#product.makeRepairs(host, this.#mergeLimits).audit();
  }

  #env() {
    return {
      AGGREGATES_TABLE: TABLE,
      S3_BUCKET: BUCKET,
      TOP_N: String(TOP_N),
      PAGE_SPAN: String(this.#span),
      STREAM_EPOCH: String(this.topics.epoch),
      DECIMAL_HANDLING: HANDLING[this.encoding.decimals],
    };
  }
}
