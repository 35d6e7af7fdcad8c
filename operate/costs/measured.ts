// What the service needs, as `npm run bench -- --only orders --sections batches,cost,speed` counts it for a shop's
// workload (docs/performance.md), and what is taken for granted where nothing was measured. Pure.

interface OfBatch {
  /** Events of one partition that come in one batch. */
  readonly together: number;
  /** Of DynamoDB, for each event; `segments` are the writes that are deleted again a day later. */
  readonly writes: number;
  readonly reads: number;
  readonly segments: number;
}

const BY_BATCH: readonly OfBatch[] = [
  { together: 1, writes: 3, reads: 8, segments: 1 },
  { together: 1.7, writes: 1.87, reads: 5.28, segments: 0.55 },
  { together: 17, writes: 0.37, reads: 1.55, segments: 0.06 },
  { together: 167, writes: 0.086, reads: 0.41, segments: 0.0123 },
  { together: 1_667, writes: 0.052, reads: 0.27, segments: 0.0066 },
];

interface OfMerge {
  readonly events: number;
  readonly writes: number;
  readonly reads: number;
  /** Seconds of one core. */
  readonly processor: number;
}

const BY_MERGE: readonly OfMerge[] = [
  { events: 300, writes: 49, reads: 60, processor: 0.15 },
  { events: 3_000, writes: 64, reads: 138, processor: 0.22 },
  { events: 30_000, writes: 227, reads: 279, processor: 0.35 },
  { events: 150_000, writes: 915, reads: 730, processor: 1.1 },
];

export const MEASURED = {
  /** Of one core, from decoding to written, the embedded stores and the report runs included. */
  eventProcessorUs: 134,
  /** Key and value of an envelope without schema. */
  eventBytes: 350,
  /** A shop sends five events for three rows: an order, its items, its changes of status. */
  rowsAnEvent: 0.6,
  /** The topic of the orders has more of them than that of the items. */
  busierTopicShare: 0.6,
  imageBytes: 60,
  reportRequests: 17,
  /** PostgreSQL's own time to record an outcome, its rollups included. */
  outcomeServerUs: 36,
} as const;

export const ASSUMED = {
  /** A core of Lambda beside one of the bench's machine. */
  lambdaFactor: 1.5,
  /** Of a batch, for its stores: five requests one after the other, with what is between. */
  batchWaitSeconds: 0.04,
  logBytesABatch: 1_500,
  outcomeRowBytes: 1_000,
  outcomeBytes: 400,
  reportBytes: 250_000,
  apiSeconds: 0.02,
  apiBytes: 20_000,
  customMetrics: 30,
  alarms: 39,
} as const;

/** What is larger than any that was measured costs no less for it. */
export function ofBatch(events: number): OfBatch {
  const together = Math.min(events, BY_BATCH.at(-1)?.together ?? 1);
  return {
    together,
    writes: along(BY_BATCH, 'together', 'writes', together),
    reads: along(BY_BATCH, 'together', 'reads', together),
    segments: along(BY_BATCH, 'together', 'segments', together),
  };
}

/** More than was measured costs as the last two points go on. */
export function ofMerge(events: number): OfMerge {
  return {
    events,
    writes: along(BY_MERGE, 'events', 'writes', events),
    reads: along(BY_MERGE, 'events', 'reads', events),
    processor: along(BY_MERGE, 'events', 'processor', events),
  };
}

/** Between two points along a power of x, which is a line where both axes are logarithmic; below the first as it is there. */
function along<Point, X extends keyof Point, Y extends keyof Point>(
  points: readonly (Point & Record<X | Y, number>)[],
  xName: X,
  yName: Y,
  x: number,
): number {
  const [first] = points;
  if (!first) throw new RangeError('Nothing was measured.');
  if (x <= first[xName]) return first[yName];
  const next = points.findIndex((point) => point[xName] >= x);
  const at = next === -1 ? points.length - 1 : next;
  const [low = first, high = first] = points.slice(at - 1, at + 1);
  const share = Math.log(x / low[xName]) / Math.log(high[xName] / low[xName]);
  return low[yName] * (high[yName] / low[yName]) ** share;
}

/** As docs/performance.md has it. */
export function measuredTable(): string {
  const cells = (values: readonly (string | number)[]) => `| ${values.join(' | ')} |`;
  return [
    cells(['events of a partition a batch', ...BY_BATCH.map(({ together }) => together)]),
    cells(['---', ...BY_BATCH.map(() => '---')]),
    cells(['write units an event', ...BY_BATCH.map(({ writes }) => writes)]),
    cells(['read units an event', ...BY_BATCH.map(({ reads }) => reads)]),
    cells(['of the writes, segments', ...BY_BATCH.map(({ segments }) => segments)]),
    '',
    cells(['events a merge', ...BY_MERGE.map(({ events }) => events.toLocaleString('en-US'))]),
    cells(['---', ...BY_MERGE.map(() => '---')]),
    cells(['write units a merge', ...BY_MERGE.map(({ writes }) => writes)]),
    cells(['read units a merge', ...BY_MERGE.map(({ reads }) => reads)]),
    cells(['seconds of a core a merge', ...BY_MERGE.map(({ processor }) => processor)]),
  ].join('\n');
}
