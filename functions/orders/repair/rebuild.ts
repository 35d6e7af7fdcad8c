// Makes the aggregates equal the row images while ingestion goes on. Why it is exact, and stops no batch:
// docs/decisions/0014-rebuild-by-segments.md. In short: merges pause, and every stream gets a cut, an empty
// segment. Who appends behind it knows, and keeps, on writing an image, the row as it was at the cut. Once
// the batches before the cuts have ended and their segments are merged, the base and the rows as they were
// there must be the same. What they differ by is damage, and is added, as segments of a stream of their own.
import { AGGREGATE_KINDS, ENTITY_KINDS, isNothing, SumsByName } from '../fold/sums.ts';
import { isBroken, isPresent } from '../merge/base.ts';
import { COUNTERS } from '../merge/counters.ts';
import { type MergePorts, merge } from '../merge/merge.ts';
import { keptOf, rankingOf } from '../merge/ranking.ts';
import { readTexts } from '../pages/text-store.ts';
import { CORRECTIONS, packSegment } from '../segments/segment.ts';
import type { Tail } from '../segments/segment-store.ts';
import { REFUSED, type Table } from '../table/table-store.ts';
import type { AuditResult } from './audit.ts';
import { compareSums, type Difference } from './differences.ts';
import { LEASE_MS, type Pause, PausedByOtherError, pauseMerges } from './pause.ts';
import { type Cuts, differenceOf, Survey } from './survey.ts';

export interface RebuildPorts extends MergePorts {
  readonly table: Table;
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

const ROUNDS_MAX = 5;
const RENEW_AFTER_MS = LEASE_MS / 4;
/** So many aggregates a segment of corrections. */
const CORRECTIONS_A_SEGMENT = 2_000;

export async function rebuild(ports: RebuildPorts, options: RebuildOptions): Promise<AuditResult> {
  const pause = await pauseMerges(ports.plans, ports.now).catch(explain);
  try {
    return await new Rebuild(ports, options, pause).run();
  } catch (error) {
    return explain(error);
  } finally {
    await pause.lift();
  }
}

function explain(error: unknown): never {
  throw error instanceof PausedByOtherError ? new RebuildError(error.message) : error;
}

interface Marks extends Cuts {
  /** The segment of each stream that is its cut. */
  readonly numbers: ReadonlyMap<string, number>;
}

interface Surveyed {
  readonly survey: Survey;
  readonly marks: Marks;
  /** Of the plan that merged exactly up to the cuts. */
  readonly epoch: number;
}

class Rebuild {
  readonly #ports: RebuildPorts;
  readonly #options: RebuildOptions;
  readonly #pause: Pause;
  #renewedAtMs: number;

  constructor(ports: RebuildPorts, options: RebuildOptions, pause: Pause) {
    this.#ports = ports;
    this.#options = options;
    this.#pause = pause;
    this.#renewedAtMs = ports.now();
  }

  async run(): Promise<AuditResult> {
    const { isDryRun } = this.#options;
    const { survey, marks, epoch } = await this.#survey();
    const { rows, sums } = survey.expected();
    const differences = [
      ...compareSums(sums, survey.base),
      ...(await this.#mendDerived(survey.base, epoch, isDryRun)),
    ];
    if (!isDryRun) await this.#correct(differenceOf(sums, survey.base), marks);
    const aggregates = AGGREGATE_KINDS.reduce((count, kind) => count + sums.of(kind).size, 0);
    return { rows, aggregates: aggregates + ENTITY_KINDS.length, differences };
  }

  /** A stream that is new since the cuts is not in them, and may hold rows of others: then once more. */
  async #survey(): Promise<Surveyed> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await merge(this.#ports, { rebuild: this.#pause.rebuild });
      const marks = await this.#cutAll(this.#pause.rebuild * ROUNDS_MAX + round);
      await this.#untilEnded(marks);
      const { plan } = await merge(this.#ports, {
        rebuild: this.#pause.rebuild,
        upTo: marks.numbers,
      });
      const isAtCuts = [...marks.numbers].every(([name, to]) => plan.ranges.get(name)?.to === to);
      if (!isAtCuts) continue;
      const survey = new Survey(marks);
      for await (const stored of this.#ports.table.scan()) {
        survey.add(stored, await readTexts(this.#ports.table, [stored]));
        await this.#keepPause();
      }
      await this.#pause.renew();
      const isComplete = (await this.#streams()).every((name) => marks.numbers.has(name));
      if (isComplete) return { survey, marks, epoch: plan.epoch };
    }
    throw new RebuildError('New partitions keep appearing. Run it again when they are all there.');
  }

  async #streams(): Promise<string[]> {
    return [...(await this.#ports.segments.streams()).keys()];
  }

  /** @param rebuild of each round another number: a row kept at the cut of the one before is not of this one */
  async #cutAll(rebuild: number): Promise<Marks> {
    const offsets = new Map<string, bigint>();
    const numbers = new Map<string, number>();
    for (const stream of await this.#streams()) {
      const isCut = stream !== CORRECTIONS;
      const cut = isCut ? await this.#cut(stream, rebuild) : await this.#tail(stream);
      offsets.set(stream, cut.to);
      numbers.set(stream, cut.number);
    }
    return { rebuild, offsets, numbers };
  }

  #tail(stream: string): Promise<Tail> {
    return this.#ports.segments.tail(stream);
  }

  /** Rows are kept at the newest cut alone: one that is late must not take a newer rebuild's away. */
  async #cut(stream: string, rebuild: number): Promise<Pick<Tail, 'number' | 'to'>> {
    for (let tried: Pick<Tail, 'number' | 'to'> | undefined; ; ) {
      const { number, to, newestMs, cut: newest } = await this.#tail(stream);
      if (newest && newest.rebuild > rebuild) throw new RebuildError(whyLate(stream));
      // Refused by itself: it was written, and the answer was lost. A second one would be of another place.
      if (tried && newest?.rebuild === rebuild) return tried;
      const cut = { rebuild, offset: to };
      const head = { to, newestMs, atMs: this.#ports.now(), cut };
      const text = packSegment({ ...head, after: new Map(), sums: new SumsByName() });
      const written = await this.#ports.segments.append(stream, number + 1, text);
      tried = { number: number + 1, to };
      if (written !== REFUSED) return tried;
    }
  }

  /** Until then, segments before the cut may have changes whose images are not written yet. */
  async #untilEnded({ offsets }: Marks): Promise<void> {
    const { epoch, waitMsMax } = this.#options;
    const giveUpAtMs = this.#ports.now() + waitMsMax;
    for (const [stream, offset] of offsets) {
      const isOver = epoch !== undefined && !stream.startsWith(`${epoch}:`);
      if (isOver || stream === CORRECTIONS) continue;
      while ((await this.#tail(stream)).ended < offset) {
        if (this.#ports.now() > giveUpAtMs) throw new RebuildError(whyNotEnded(stream));
        await this.#ports.pause();
        await this.#keepPause();
      }
    }
  }

  async #keepPause(): Promise<void> {
    if (this.#ports.now() - this.#renewedAtMs < RENEW_AFTER_MS) return;
    this.#renewedAtMs = this.#ports.now();
    await this.#pause.renew();
  }

  /** Counters and rankings follow from the base; nobody else writes them meanwhile. */
  async #mendDerived(found: SumsByName, epoch: number, isDryRun: boolean): Promise<Difference[]> {
    const { base, topN, kept = keptOf(topN) } = this.#ports;
    const counters = await base.read(COUNTERS);
    const present = { ...counters.present };
    let broken = 0;
    for (const sums of found.of('day').values()) broken += Number(isBroken(sums));
    for (const kind of ENTITY_KINDS) {
      const all = [...found.of(kind).values()];
      present[kind] = all.filter(isPresent).length;
      broken += all.filter(isBroken).length;
    }
    const differences = ENTITY_KINDS.flatMap((kind) => {
      const [expected, actual] = [`${present[kind]}`, `${counters.present[kind]}`];
      return expected === actual
        ? []
        : [{ aggregate: `distinct ${kind}s`, attribute: 'count', expected, actual }];
    });
    if (isDryRun) return differences;
    if (differences.length > 0 || broken !== counters.broken) {
      await base.set(COUNTERS, { epoch, present, broken });
    }
    for (const kind of ENTITY_KINDS) {
      await base.set(rankingOf(kind), await base.readBest(kind, epoch, kept));
    }
    return differences;
  }

  /** Behind the corrections that the base holds already, or not at all: what it lacks is added once. */
  async #correct(difference: SumsByName, { numbers }: Marks): Promise<void> {
    const { segments, now } = this.#ports;
    const changes = AGGREGATE_KINDS.flatMap((kind) =>
      [...difference.of(kind)]
        .filter(([, sums]) => !isNothing(sums))
        .map(([name, sums]) => ({ kind, name, sums })),
    );
    if (changes.length === 0) return;
    await segments.register(CORRECTIONS, 'none');
    let number = numbers.get(CORRECTIONS) ?? 0;
    for (let at = 0; at < changes.length; at += CORRECTIONS_A_SEGMENT) {
      const sums = new SumsByName();
      for (const change of changes.slice(at, at + CORRECTIONS_A_SEGMENT)) {
        sums.add(change.kind, change.name, change.sums);
      }
      await this.#pause.renew();
      number += 1;
      const head = { to: BigInt(number - 1), atMs: now(), newestMs: 0, after: new Map() };
      const text = packSegment({ ...head, sums });
      if ((await segments.append(CORRECTIONS, number, text)) === REFUSED) {
        throw new RebuildError('Another rebuild corrects as well. Run it again.');
      }
    }
  }
}

function whyLate(stream: string): string {
  return `It was late, and a newer rebuild has cut ${stream} meanwhile. Run it again.`;
}

function whyNotEnded(stream: string): string {
  return (
    `A batch of ${stream} has begun and not ended: its invocation failed, and Kafka has not delivered it again yet. ` +
    'See to the function first, or set STREAM_EPOCH when this is a stream that is no more.'
  );
}
