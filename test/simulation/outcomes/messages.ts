// Messages of `auction_outcomes`, each made together with what must become of it: written from
// docs/outcomes-ingest.md, and not with the code that reads them.
import type { Random } from '../../support/random.ts';

/** The columns of a row, as the auditor reads them. */
export interface ExpectedRow {
  readonly bid_id: string;
  readonly user_id: string;
  readonly site_domain: string;
  readonly win_status: boolean;
  readonly win_price: string;
  readonly bid_price: string;
  readonly currency: string;
  readonly enriched: boolean;
  /** Microseconds since 1970. */
  readonly micros: string;
  readonly auction_micros: string | null;
  readonly user_interests: string;
}

export interface MadeMessage {
  readonly value: Buffer | null;
  /** The row, or the field that the reason for its refusal begins with. */
  readonly becomes: ExpectedRow | string;
}

export interface Season {
  readonly random: Random;
  /** Months, `2025-03`, of nearly all messages. */
  readonly months: readonly string[];
  /** Epoch milliseconds of the Kafka record. */
  readonly timestamp: number;
  readonly badShare: number;
}

const BAD: readonly (readonly [value: string | Buffer | null, field: string])[] = [
  [null, 'value'],
  ['', 'value'],
  ['[]', 'value'],
  ['{"win_price":1', 'value'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'value'],
  ['{"win_price":"NaN"}', 'win_price'],
  ['{"win_price":1e400}', 'win_price'],
  [`{"bid_price":"1${'0'.repeat(100)}"}`, 'bid_price'],
  ['{"bid_price":"1,5"}', 'bid_price'],
  ['{"user_id":"a\\u0000b"}', 'user_id'],
  ['{"anything":{"deep":["\\u0000"]}}', 'anything'],
  ['{"user_id":"\\ud800"}', 'user_id'],
  [`{"site_domain":"${'s'.repeat(256)}"}`, 'site_domain'],
  ['{"currency":"EURO"}', 'currency'],
  ['{"currency":"ZZQ"}', 'currency'],
  ['{}', 'value'],
  ['{"level":"info","timestamp":"2025-03-01T00:00:00Z"}', 'value'],
  ['{"schema":null,"payload":[]}', 'payload'],
  ['{"win_status":"maybe"}', 'win_status'],
  ['{"user_interests":{}}', 'user_interests'],
  ['{"timestamp":"2025-02-30"}', 'timestamp'],
  ['{"timestamp":1735689600}', 'timestamp'],
  ['{"auction_timestamp":"2025-01-01T24:00:00Z"}', 'auction_timestamp'],
];

/** As JSON has it, and as PostgreSQL writes it. */
const PRICES: readonly (readonly [json: string, kept: string])[] = [
  ['1.10', '1.10'],
  ['"2.500"', '2.500'],
  ['" 7 "', '7'],
  ['0.5881', '0.5881'],
  ['1E2', '100'],
  ['"+3.30"', '3.30'],
  ['-4.445', '-4.445'],
  ['null', '0.00'],
  ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
];
const FLAGS: readonly (readonly [json: string, kept: boolean])[] = [
  ['true', true],
  ['false', false],
  ['"yes"', true],
  ['"false"', false],
  ['1', true],
  ['"0"', false],
  ['null', false],
];
const CURRENCIES = [
  ['"USD"', 'USD'],
  ['"EUR"', 'EUR'],
  ['"eur"', 'eur'],
  ['""', 'USD'],
] as const;
const SITES = [
  ['"a.example"', 'a.example'],
  ['"B.example "', 'B.example '],
  ['"🙂.example"', '🙂.example'],
  ['null', ''],
] as const;
/** Months without a partition, and beyond what a date can write. */
const WILD: readonly (readonly [text: string, micros: string])[] = [
  ['0001-01-01T00:00:00+14:00', `${Date.parse('0000-12-31T10:00:00Z')}000`],
  ['1969-12-31T23:59:59.999999Z', '-1'],
  ['2090-07-01', `${Date.UTC(2090, 6, 1)}000`],
  ['9999-12-31T23:59:59.5-10:00', `${Date.UTC(9999, 11, 31, 33, 59, 59, 500)}000`],
];

export function makeMessage(season: Season, offset: bigint): MadeMessage {
  const { random, badShare } = season;
  if (!random.chance(badShare)) return makeGood(season, offset);
  const [value, field] = random.pick(BAD);
  return { value: typeof value === 'string' ? Buffer.from(value) : value, becomes: field };
}

function makeGood(season: Season, offset: bigint): MadeMessage {
  const { random } = season;
  if (random.chance(0.05))
    return {
      value: Buffer.from('{"enriched":false}'),
      becomes: emptyRow(season.timestamp),
    };
  const [win_price, bid_price] = [random.pick(PRICES), random.pick(PRICES)];
  const [win_status, enriched] = [random.pick(FLAGS), random.pick(FLAGS)];
  const [currency, site] = [random.pick(CURRENCIES), random.pick(SITES)];
  const [time, micros] = makeTime(season);
  const auction = random.chance(0.3) ? makeTime(season) : undefined;
  const user = random.below(20);
  const text = [
    `"bid_request_id":${random.chance(0.5) ? `"b-${offset}"` : String(offset)}`,
    `"user_id":"u${user}"`,
    `"site_domain":${site[0]}`,
    `"win_status":${win_status[0]}`,
    `"win_price":${win_price[0]}`,
    `"bid_price":${bid_price[0]}`,
    `"currency":${currency[0]}`,
    `"enriched":${enriched[0]}`,
    `"timestamp":"${time}"`,
    ...(auction ? [`"auction_timestamp":"${auction[0]}"`] : []),
    `"user_interests":[${user}, "🙂"]`,
  ].join(',');
  const becomes = {
    ...{ bid_id: text.startsWith('"bid_request_id":"') ? `b-${offset}` : String(offset) },
    ...{ user_id: `u${user}`, site_domain: site[1], currency: currency[1] },
    ...{ win_status: win_status[1], win_price: win_price[1], bid_price: bid_price[1] },
    ...{ enriched: enriched[1], micros, auction_micros: auction?.[1] ?? null },
    user_interests: `[${user}, "🙂"]`,
  };
  return { value: Buffer.from(`{${text}}`), becomes };
}

function emptyRow(timestamp: number): ExpectedRow {
  return {
    ...{ bid_id: 'unknown', user_id: 'unknown', site_domain: '', currency: 'USD' },
    ...{ win_status: false, enriched: false, win_price: '0.00', bid_price: '0.00' },
    ...{ micros: `${timestamp}000`, auction_micros: null, user_interests: '[]' },
  };
}

function makeTime({ random, months }: Season): readonly [text: string, micros: string] {
  if (random.chance(0.04)) return random.pick(WILD);
  const day = `${random.pick(months)}-${String(1 + random.below(28)).padStart(2, '0')}`;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const form = random.below(4);
  if (form === 0) return [day, `${midnight}000`];
  const second = random.below(86_400);
  const clock = new Date(second * 1_000).toISOString().slice(11, 19);
  const fraction = String(random.below(1_000_000)).padStart(6, '0');
  // 02:00 east of Greenwich is two hours before.
  const shiftMs = form === 3 ? 7_200_000 : 0;
  const zone = form === 3 ? '+02:00' : 'Z';
  const micros = BigInt(midnight + second * 1_000 - shiftMs) * 1_000n + BigInt(fraction);
  return [`${day}T${clock}.${fraction}${zone}`, String(micros)];
}
