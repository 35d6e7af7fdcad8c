// One capture while it is made: a fresh platform, the source, the connector and the recorder, with
// the steps that the courses in courses.ts are put together from.
import { type Platform, startPlatform } from '../platform/platform.ts';
import { waitUntil } from '../platform/wait-until.ts';
import {
  baseSettings,
  connectionSettings,
  ITEMS_TOPIC,
  ORDERS_TOPIC,
  PRODUCTS_TOPIC,
  TOPIC_PREFIX,
} from './connector-settings.ts';
import { Recorder } from './recorder.ts';
import type { Scenario } from './scenarios.ts';
import { SITUATIONS } from './situations.ts';
import { Source } from './source.ts';
import { changeAtRandom, insertRowsBefore, randomOrder } from './workload.ts';

const CONNECTOR = 'orders-source';
const CONNECTOR_AGAIN = 'orders-source-again';
const STREAMING_TIMEOUT_MS = 60_000;

export class CaptureRun {
  readonly scenario: Scenario;
  readonly platform: Platform;
  readonly source: Source;
  readonly recorder: Recorder;
  #markers = 0;
  #productsTopic = PRODUCTS_TOPIC;
  #connector = CONNECTOR;

  private constructor(scenario: Scenario, platform: Platform, seed: number) {
    this.scenario = scenario;
    this.platform = platform;
    this.source = new Source(platform.postgres.address, scenario.shape, seed);
    const { topics: tables, extraTopics } = scenario;
    const topics = [...tables.orders, ...tables.order_items, PRODUCTS_TOPIC, ...extraTopics];
    this.recorder = new Recorder(platform.kafka.bootstrap, topics);
  }

  static async start(scenario: Scenario, seed: number): Promise<CaptureRun> {
    return new CaptureRun(scenario, await startPlatform(), seed);
  }

  async createSource(): Promise<void> {
    await this.source.createTables();
    await insertRowsBefore(this.source, this.scenario.size);
  }

  /** Starts the connector; when this returns, the snapshot is over and changes are streamed. */
  async startConnector(): Promise<void> {
    const { orders, order_items } = this.scenario.topics;
    const own = [ORDERS_TOPIC, ITEMS_TOPIC];
    const late = [...orders, ...order_items].filter((topic) => !own.includes(topic));
    await this.recorder.createTopics([...late, ...this.scenario.lateTopics]);
    await this.platform.connect.createConnector(CONNECTOR, {
      ...baseSettings,
      ...this.scenario.connector,
      ...connectionSettings(this.platform.postgres.address),
    });
    await this.waitUntilStreaming();
    await this.recorder.start();
  }

  /** Another connector in its place, with another prefix: new topics, and a snapshot of all rows. */
  async replaceConnector(prefix: string): Promise<void> {
    await this.platform.connect.deleteConnector(CONNECTOR);
    await this.platform.connect.createConnector(CONNECTOR_AGAIN, {
      ...baseSettings,
      ...this.scenario.connector,
      ...connectionSettings(this.platform.postgres.address),
      ...{ 'topic.prefix': prefix, 'slot.name': 'another' },
    });
    this.#productsTopic = PRODUCTS_TOPIC.replace(TOPIC_PREFIX, prefix);
    this.#connector = CONNECTOR_AGAIN;
    await this.waitUntilStreaming();
  }

  async stopConnector(): Promise<void> {
    await this.platform.connect.stopConnector(this.#connector);
  }

  async resumeConnector(): Promise<void> {
    await this.platform.connect.resumeConnector(this.#connector);
    await this.waitUntilStreaming();
  }

  async forgetOffsets(): Promise<void> {
    await this.platform.connect.deleteOffsets(this.#connector);
  }

  async changeRows(): Promise<void> {
    for (const situation of SITUATIONS) {
      await situation(this.source, this.scenario.size);
      await changeAtRandom(this.source, this.scenario.size);
    }
  }

  /** Changes that only the second snapshot can tell: no event of them is streamed. A delete would
   *  be lost for good, so there is none. */
  async changeWhileStopped(): Promise<void> {
    const { source } = this;
    await source.updateOrder(source.anyOrder(), { status: 'shipped', total_amount: '71.17' });
    await source.updateItem(source.anyItem(), { quantity: 4, price: '0.50' });
    await source.insertOrder(randomOrder(source, this.scenario.size));
  }

  /** Runs `work` inside the time of a transaction, whose changes are streamed after the events of
   *  `work` although their LSNs are lower. The row of `products` moves the written LSN, which is
   *  the one that a snapshot takes for its own, past the first changes and up to the last. */
  async withOpenTransaction(work: () => Promise<void>): Promise<void> {
    const { source } = this;
    const [orderId = 0] = source.orders.splice(0, 1);
    const [itemId = 0, deletedItemId = 0] = source.items.splice(0, 2);
    await source.sql.begin(async (sql) => {
      await source.updateItem(itemId, { quantity: 8 }, sql);
      await source.deleteItem(deletedItemId, sql);
      await source.sql`insert into products (name) values ('committed meanwhile')`;
      await source.updateOrder(orderId, { status: 'late', total_amount: '88.08' }, sql);
      await work();
    });
    source.orders.push(orderId);
    source.items.push(itemId);
  }

  async signalIncrementalSnapshot(): Promise<void> {
    const data = JSON.stringify({
      'data-collections': ['public.orders', 'public.order_items'],
      type: 'incremental',
    });
    await this.source.sql`
      insert into debezium_signal (id, type, data) values ('once', 'execute-snapshot', ${data})`;
  }

  /** Waits until all changes so far have been read by the connector: a row of `products`, whose
   *  topic is not part of a capture, is the last of them. */
  async waitUntilCaughtUp(): Promise<void> {
    this.#markers += 1;
    const marker = `marker ${this.#markers}`;
    await this.source.sql`insert into products (name) values (${marker})`;
    await this.recorder.waitFor(marker, (records) =>
      records.some(({ topic, value }) => topic === this.#productsTopic && value?.includes(marker)),
    );
  }

  /** The marker alone is not enough, as partitions are written side by side: a connector that
   *  stopped in order has every record acknowledged, so the topics' ends are final. */
  async finish(): Promise<void> {
    await this.waitUntilCaughtUp();
    await this.stopConnector();
    await this.recorder.readToEnd();
  }

  async close(): Promise<void> {
    await this.recorder.close();
    await this.source.close();
    await this.platform.stop();
  }

  private async waitUntilStreaming(): Promise<void> {
    const isStreaming = async () => {
      const senders = await this.source.sql`
        select from pg_stat_replication where state = 'streaming'`;
      if (senders.length === 0) await this.platform.connect.waitUntilRunning(this.#connector);
      return senders.length > 0;
    };
    await waitUntil('the connector to stream', isStreaming, STREAMING_TIMEOUT_MS);
  }
}
