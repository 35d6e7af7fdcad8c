// Makes the aggregates equal the row images while ingestion goes on. Why it is exact, and needs no
// pause: docs/decisions/0007-rebuild.md. In short: every stream gets a cut, at the last batch that
// began. From then on writers sum what comes after the cut a second time, and keep the row that was
// there at the cut. Once the batches at or below the cuts have ended, one scan sees each aggregate
// (its sums less what came after) and each row as they were at the cut, however late it passes. What
// they differ by is damage; it does not change any more, and is added.
import pMap from 'p-map';
import { type AuditResult, compare, type Difference, nameOf } from './audit.ts';
import { ENTITY_KINDS, type EntityKind } from './items.ts';
import {
  type CorrectionPorts,
  correctCounter,
  correctSums,
  type Leftovers,
  leftoversIn,
  removeLeftovers,
  SupersededError,
} from './store/correction.ts';
import type { Mark } from './store/entity-update.ts';
import { enterRanking, leaveRanking, type Rankings } from './store/rankings.ts';
import { giveLeaseBack, LEASE_MS, renewLease, takeLease } from './store/rebuild-lease.ts';
import { cutStream, liftCut, readStreams, type StreamProgress } from './store/stream-cuts.ts';
import type { Table } from './store/table-store.ts';
import { text } from './store/update-request.ts';
import { correctionOf, type Misranked, Survey } from './survey.ts';

export interface RebuildPorts {
  readonly table: Table;
  readonly rankings: Rankings;
  readonly now: () => number;
  /** Between two looks at batches that have not ended. */
  readonly pause: () => Promise<void>;
}

export interface RebuildOptions {
  /** Only measure. */
  readonly isDryRun: boolean;
  /** Streams of other epochs have ended, whatever they say. All are awaited when it is not known. */
  readonly epoch?: string;
  readonly waitMsMax: number;
}

/** Why nothing, or not all, was mended, in words for the operator. */
export class RebuildError extends Error {
  override readonly name = 'RebuildError';
}

const WRITES_AT_ONCE = { concurrency: 16, stopOnError: false };
const SURVEYS_MAX = 5;
const RENEW_AFTER_MS = LEASE_MS / 4;

export async function rebuild(ports: RebuildPorts, options: RebuildOptions): Promise<AuditResult> {
  const { table, now } = ports;
  const number = await takeLease(table, now());
  if (number === undefined) {
    throw new RebuildError(
      `Another rebuild has the table, or was killed less than ${LEASE_MS / 1000} s ago.`,
    );
  }
  try {
    const measurement = new Measurement(ports, options, number);
    const survey = await measurement.take();
    if (!options.isDryRun) await correct(survey, measurement, { ...ports, rebuild: number });
    return toResult(survey);
  } catch (error) {
    throw error instanceof SupersededError ? new RebuildError(error.message) : error;
  } finally {
    for (const stream of await readStreams(table)) await liftCut(table, stream, number);
    await giveLeaseBack(table, number);
  }
}

class Measurement {
  readonly #ports: RebuildPorts;
  readonly #options: RebuildOptions;
  readonly #rebuild: bigint;
  readonly #leftovers: Leftovers[] = [];
  #renewedAtMs: number;

  constructor(ports: RebuildPorts, options: RebuildOptions, rebuild: bigint) {
    this.#ports = ports;
    this.#options = options;
    this.#rebuild = rebuild;
    this.#renewedAtMs = ports.now();
  }

  /** What rebuilds before this one left in the sums' items. */
  get leftovers(): readonly Leftovers[] {
    return this.#leftovers;
  }

  /** A stream that is new since the cuts is not in them: it gets one, and the scan starts over. */
  async take(): Promise<Survey> {
    for (let surveys = 0; surveys < SURVEYS_MAX; surveys++) {
      await this.#cutAll();
      await this.#untilEnded();
      const survey = new Survey(this.#rebuild);
      for await (const item of this.#ports.table.scan()) {
        survey.add(item);
        this.#leftovers.push(...leftoversIn(item, this.#rebuild));
        await this.keepLease();
      }
      if (!(await this.#streams()).every((stream) => this.#isCut(stream))) continue;
      await this.#renew();
      return survey;
    }
    throw new RebuildError('New partitions keep appearing. Run it again when they are all there.');
  }

  async #cutAll(): Promise<void> {
    for (;;) {
      const uncut = (await this.#streams()).filter((stream) => !this.#isCut(stream));
      if (uncut.length === 0) return;
      for (const stream of uncut) await cutStream(this.#ports.table, stream, this.#rebuild);
      await this.keepLease();
    }
  }

  /** Until then, sums at or below the cut may have deltas whose row images are not written yet. */
  async #untilEnded(): Promise<void> {
    const giveUpAtMs = this.#ports.now() + this.#options.waitMsMax;
    for (;;) {
      const open = (await this.#streams()).find((stream) => this.#isOpen(stream));
      if (!open) return;
      if (this.#ports.now() > giveUpAtMs) throw new RebuildError(whyNotEnded(open));
      await this.#ports.pause();
      await this.keepLease();
    }
  }

  #streams(): Promise<StreamProgress[]> {
    return readStreams(this.#ports.table);
  }

  #isCut({ cut }: StreamProgress): boolean {
    return cut?.rebuild === this.#rebuild;
  }

  #isOpen({ stream, ended, cut }: StreamProgress): boolean {
    const { epoch } = this.#options;
    const isOver = epoch !== undefined && !stream.startsWith(`${epoch}:`);
    return !isOver && cut !== undefined && ended < cut.offset;
  }

  async keepLease(): Promise<void> {
    if (this.#ports.now() - this.#renewedAtMs >= RENEW_AFTER_MS) await this.#renew();
  }

  async #renew(): Promise<void> {
    const { table, now } = this.#ports;
    this.#renewedAtMs = now();
    if (await renewLease(table, this.#rebuild, this.#renewedAtMs)) return;
    throw new RebuildError('Another rebuild has taken the table meanwhile. Run it again.');
  }
}

function whyNotEnded({ topic, stream, begun, ended }: StreamProgress): string {
  return (
    `${topic} ${stream}: a batch up to offset ${begun} began and has not ended (the last that did: ${ended}). ` +
    'Wait for it. If Lambda has given it up, redrive it: npm run quarantine -- redrive. ' +
    'If the topic is gone, name the epoch that lives: STREAM_EPOCH.'
  );
}

/** Entities before counters: a kill in between leaves a counter that the next rebuild finds wrong. */
async function correct(
  survey: Survey,
  measurement: Measurement,
  ports: CorrectionPorts,
): Promise<void> {
  const marks = new Map<EntityKind, Mark[]>(ENTITY_KINDS.map((kind) => [kind, []]));
  const wrong = survey.sums.filter((sums) => correctionOf(sums).size > 0);
  await pMap(
    wrong,
    async (sums) => {
      await measurement.keepLease();
      const made = await correctSums(sums, correctionOf(sums), ports);
      if (sums.aggregate.entity) marks.get(sums.aggregate.entity)?.push(...made);
    },
    WRITES_AT_ONCE,
  );
  for (const [kind, made] of marks) {
    const { corrected, present, found } = survey.counter(kind);
    await correctCounter(kind, corrected, present.plus(found.negated()), made, ports);
  }
  await pMap(survey.misranked(), (entity) => correctRanking(entity, ports), WRITES_AT_ONCE);
  await pMap(measurement.leftovers, (one) => removeLeftovers(ports.table, one), WRITES_AT_ONCE);
}

async function correctRanking(
  { key, kind, belongs, rankedAs }: Misranked,
  { table }: CorrectionPorts,
): Promise<void> {
  if (belongs) await enterRanking(table, key, kind);
  else if (rankedAs !== undefined) {
    await leaveRanking(table, key, { attribute: 'rk', is: '=', value: text(rankedAs) });
  }
}

function toResult(survey: Survey): AuditResult {
  const { rows, sums } = survey;
  const differences: Difference[] = [
    ...sums.flatMap(({ aggregate, expected, found }) =>
      compare(nameOf(aggregate.key), expected, found),
    ),
    ...ENTITY_KINDS.flatMap((kind) => {
      const { present, found } = survey.counter(kind);
      return compare(`distinct ${kind}s`, new Map([['v', present]]), new Map([['v', found]]));
    }),
    ...survey.misranked().map(({ key, kind, belongs, rankedAs }) => ({
      aggregate: key.pk,
      attribute: 'rk',
      expected: belongs ? kind : 'absent',
      actual: rankedAs ?? 'absent',
    })),
  ];
  return { rows, aggregates: sums.length + ENTITY_KINDS.length, differences };
}
