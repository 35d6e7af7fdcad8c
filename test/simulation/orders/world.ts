// Everything around the functions of the orders, made from one seed.
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { WrittenReports } from '../../../functions/orders/materialize-reports.ts';
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
import { Source } from './source.ts';
import { Topics } from './topics.ts';

export const TABLE = 'aggregates';
export const BUCKET = 'reports';
export const TOP_N = 3;
/** So small that the floor of a ranking rises and falls within a run. */
const RANKING_LIMITS = { indexMax: 4, indexKept: 3, leavesMax: 2 };
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
  readonly connector: Connector;
  readonly events: EventSource;
  /** Rankings grow, shrink, and are read all the time. */
  readonly isRankingBusy: boolean;
  readonly failures: string[] = [];
  /** Runs whose order was lost: damaged as the audit found, or wrong as nothing but the source can tell. */
  readonly losses = { lossesFound: 0, lossesUnseen: 0 };
  readonly #product: Product;
  /** Those of the epochs before may still have invocations under way. */
  readonly #aggregators: LambdaFunction<Applied>[] = [];
  reporter: LambdaFunction<WrittenReports>;

  constructor(seed: number, product: Product) {
    this.#product = product;
    const random = makeRandom(seed);
    this.random = random;
    this.isRankingBusy = random.chance(0.3);
    this.schedule = new Schedule(random, START_MS, random.pick([60, 60, 1_000, 5_000]));
    const now = () => this.schedule.nowMs;
    this.network = new Network(random, this.schedule, random.pick(WEATHERS));
    const lateness = random.pick([0, 0.3, 0.7]);
    const pages = random.pick([1, 2, 5, 1_000]);
    this.dynamoDb = new SimulatedDynamoDb({
      isIndexLate: () => random.chance(lateness),
      pageItems: () => 1 + random.below(pages),
      keysRead: (asked) => (random.chance(0.05) ? random.below(asked + 1) : asked),
    });
    this.s3 = new SimulatedS3(now);
    this.source = new Source(random, now, this.isRankingBusy);
    this.topics = new Topics(random, now);
    this.encoding = randomEncoding(random);
    this.connector = new Connector(random, this.source, this.topics, this.encoding);
    this.events = new EventSource(random, this.schedule, (failure) => this.failures.push(failure));
    this.reporter = new LambdaFunction(
      this.#platform(),
      (host) => product.makeMaterializeReports(host, RANKING_LIMITS),
      this.#env(),
    );
    this.startEpoch();
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
    return [...this.#aggregators, this.reporter].some((one) => !one.isIdle);
  }

  /** The function is deployed anew with a new STREAM_EPOCH. */
  startEpoch(): void {
    const make = this.#product.makeAggregateOrders;
    this.#aggregators.push(new LambdaFunction<Applied>(this.#platform(), make, this.#env()));
  }

  /** Gives one turn to whoever waits for one; `false` when nobody does. */
  async step(): Promise<boolean> {
    const isBusy = await this.schedule.step();
    for (const one of [...this.#aggregators, this.reporter]) one.buryDead();
    return isBusy;
  }

  /** DynamoDB's TTL: what has expired goes, some time later. */
  forgetExpired(): void {
    const seconds = this.schedule.nowMs / 1000;
    for (const item of [...this.table.all()]) {
      if (item.ttl?.N !== undefined && Number(item.ttl.N) < seconds) this.table.delete(item);
    }
  }

  audit() {
    const audit = new this.#product.Audit();
    for (const item of this.table.all()) audit.add(item as never);
    return audit.result();
  }

  #platform(): Platform {
    const { random, schedule, network, dynamoDb, s3 } = this;
    return { random, schedule, network, dynamoDb, s3 };
  }

  #env() {
    return {
      AGGREGATES_TABLE: TABLE,
      S3_BUCKET: BUCKET,
      TOP_N: String(TOP_N),
      STREAM_EPOCH: String(this.#aggregators.length),
      DECIMAL_HANDLING: HANDLING[this.encoding.decimals],
    };
  }
}
