// A shop whose orders go through a deployed stack: what its own database says, and whether the reports say the same.
import { expect } from 'vitest';
import type { ReplayResult } from '../../local/replay/replay-captures.ts';
import type { Environment } from '../../local/shared/settings.ts';
import type { DeployedStack } from '../support/deployed-stack.ts';

const TOPIC = 'dbserver1.public.orders';
const CREATED_AT = 1_769_000_000_000;

type Operation = 'create' | 'update' | 'delete' | 'snapshot';
const OP = { create: 'c', update: 'u', delete: 'd', snapshot: 'r' } as const;

export class Shop {
  /** What the source's tables hold: cents of each order. */
  readonly rows = new Map<number, number>();
  readonly #stack: DeployedStack;
  readonly #next = new Map<number, number>();
  #lsn = 1_000;

  constructor(stack: DeployedStack) {
    this.#stack = stack;
  }

  /** A line of the topic; the source holds it, whether or not it arrives. */
  change(operation: Operation, id: number, cents = 0, partition = 0): string {
    if (operation === 'delete') this.rows.delete(id);
    else this.rows.set(id, cents);
    const offset = this.#next.get(partition) ?? 0;
    this.#next.set(partition, offset + 1);
    this.#lsn += 1;
    const timestamp = Date.now();
    const after = {
      ...{ id, customer_id: id % 7, status: 'paid', created_at: CREATED_AT },
      total_amount: toBase64(cents),
    };
    const isSnapshot = operation === 'snapshot';
    const source = {
      ...{ table: 'orders', lsn: this.#lsn, ts_ms: timestamp },
      snapshot: isSnapshot ? 'true' : 'false',
    };
    const value = JSON.stringify({
      ...{ op: OP[operation], before: operation === 'delete' ? after : null },
      ...{ after: operation === 'delete' ? null : after, source, ts_ms: timestamp },
    });
    const key = JSON.stringify({ id });
    return JSON.stringify({ topic: TOPIC, partition, offset, timestamp, key, value, headers: [] });
  }

  /** As a record that takes the next place of its partition: sent again, or of a topic that was made anew. */
  nextOffset(partition: number): number {
    const offset = this.#next.get(partition) ?? 0;
    this.#next.set(partition, offset + 1);
    return offset;
  }

  /** The topic is deleted and made anew. */
  restartOffsets(): void {
    this.#next.clear();
  }

  snapshot(): string[] {
    return [...this.rows].map(([id, cents]) => this.change('snapshot', id, cents));
  }

  ingest(lines: readonly string[], env: Environment = {}): Promise<ReplayResult> {
    return this.#stack.ingest(lines, env);
  }

  /** What the newest reports say, against the source. */
  async isRight(env: Environment = {}): Promise<boolean> {
    const reports = await this.#stack.reports(env);
    const { metrics } = JSON.parse(reports.get('summary') ?? '{}');
    const cents = [...this.rows.values()].reduce((sum, one) => sum + one, 0);
    const wanted = { orders: this.rows.size, revenue: (cents / 100).toFixed(2) };
    const found = {
      orders: metrics.total_orders,
      revenue: Number(metrics.total_revenue).toFixed(2),
    };
    return JSON.stringify(found) === JSON.stringify(wanted);
  }

  /** `npm run audit -- --stack NAME` finds nothing. */
  async expectAudited(): Promise<void> {
    const { status, stdout } = await this.#stack.run('operate/audit.ts');
    expect(stdout).toMatch(/equal the row images/);
    expect(status).toBe(0);
  }
}

/** As Kafka Connect writes a decimal of two places: two's complement, in base64. */
function toBase64(cents: number): string {
  const hex = cents.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(even, 'hex');
  return Buffer.concat([Buffer.alloc((bytes[0] ?? 0) > 127 ? 1 : 0), bytes]).toString('base64');
}
