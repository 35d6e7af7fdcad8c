// The parts of a request that servers trip over: paths, parameters, headers, cursors.
import type { Random } from '../support/random.ts';
import { SECRET } from './hosted-functions.ts';
import { hostileText } from './hostile-values.ts';

export const PATHS = [
  ...[
    '/api/outcomes/',
    '/api/outcomes/',
    '/api/outcomes/',
    '/api/outcomes/winners/',
    '/api/outcomes/7/',
  ],
  ...[
    '/api/outcomes/stats/',
    '/api/outcomes/daily_stats/',
    '/api/reports/',
    '/api/reports/summary/',
    '/api/reports/summary/runs/',
    '/api/pipeline/',
    '/api/pipeline/quarantine/',
    '/api/pipeline/quarantine/auction_outcomes/0/7/',
    '/api/metrics/',
  ],
  ...['/api/schema/', '/api/health/', '/api/', '/api/graphql/', '/api/outcomes.csv'],
];
export const ODD_PATHS = [
  ...[
    '/api/outcomes',
    '/api//outcomes/',
    '/api/outcomes/%',
    '/api/outcomes/%00/',
    '/api/outcomes/%ff/',
  ],
  ...[
    '/api/outcomes/%2e%2e/',
    '/api/outcomes/٣/',
    '/api/outcomes/-1/',
    '/api/outcomes/1e3/',
    '/api/./',
  ],
  ...[
    '/api/outcomes/99999999999999999999/',
    '/api/outcomes/9223372036854775807/',
    '//evil.example/api/',
  ],
  ...[
    '/api/reports/..%2f..%2fquarantine/',
    '/api/reports/__proto__/',
    '/api/reports/constructor/',
    '/',
  ],
  ...[
    '/api/outcomes/7;a=b/',
    '/api/outcomes/7/extra/',
    '/API/OUTCOMES/',
    '/api/outcomes/ 7 /',
    '/api/\r\nx/',
  ],
  ...[
    '/api/outcomes/7%2F',
    '/api/outcomes/%37/',
    `/api/outcomes/${'9'.repeat(5_000)}/`,
    '/api/%E0%A4%A/',
  ],
];
const NAMES = [
  ...[
    'user_id',
    'site_domain',
    'bid_id',
    'currency',
    'win_status',
    'enriched',
    'min_price',
    'max_price',
  ],
  ...[
    'timestamp_after',
    'timestamp_before',
    'ordering',
    'page',
    'page_size',
    'cursor',
    'format',
    'at',
  ],
  ...['include_raw_data', 'generated_before', 'topic', 'confirm_count'],
  ...['include_dropped', '__proto__', 'constructor', 'toString', 'a[b]', ''],
];
export const METHODS = [
  'GET',
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'DELETE',
  'get',
  'BREW',
  '',
];
const MOMENTS = [
  ...[
    '0001-01-01',
    '9999-12-31',
    '0000-01-01',
    '10000-01-01',
    '+294276-12-31T23:59:59Z',
    'infinity',
  ],
  ...[
    '0001-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59.999999-23:59',
    '2025-02-29',
    '2024-02-29',
    'now',
  ],
  ...['2025-01-31T24:00:00Z', '2025-01-31T23:59:60Z', '2025-01-31T12:00', '2025-01-31 12:00:00'],
  ...[
    '2025-01-31T12:00:00.1234567Z',
    '2025-01-31T12:00:00.1Z',
    '2025-01-31T12:00:00z',
    '1e12',
    '-1',
  ],
  ...['2025-01-01', '2025-01-01T00:00:00.000001Z', '2024-12-31T23:59:59.999999Z', '٢٠٢٥-٠١-٠١'],
];
const NUMBERS = [
  ...[
    '1',
    '0',
    '-1',
    '+2',
    '1.5',
    '1e9999',
    '1e-9999',
    '1e10000',
    'NaN',
    'Infinity',
    '-Infinity',
    '1_0',
    '٣',
  ],
  ...[
    '9'.repeat(1_000),
    '9'.repeat(1_001),
    `0.${'9'.repeat(1_000)}`,
    '.5',
    '5.',
    '.',
    '1,5',
    '0x10',
    ' 3 ',
  ],
  ...[
    '1000',
    '1001',
    '2147483648',
    '9223372036854775808',
    '1e309',
    '-0',
    '--1',
    'last',
    '1;select 1',
  ],
];
const ORDERINGS = [
  ...[
    'timestamp',
    '-timestamp',
    'win_price',
    '-win_price',
    'bid_price',
    'created_at',
    '-created_at',
  ],
  ...[
    '-timestamp,win_price',
    'win_price,-bid_price,timestamp',
    'id',
    'raw_data',
    'timestamp desc',
    ',,,',
  ],
  ...['timestamp,'.repeat(500), 'win_price;drop table auction_outcomes', '"timestamp"'],
];
const FORMATS = [
  'json',
  'csv',
  'list',
  'metrics',
  'ndjson',
  'html',
  'xml',
  '',
  'JSON',
  '__proto__',
];
export const ACCEPTS = [
  ...[
    '*/*',
    'application/json',
    'text/csv',
    'text/html',
    'text/*;q=0.1, */*;q=0',
    '',
    ',',
    'a/b',
    '/',
  ],
  ...['application/json;q=NaN', 'text/csv, application/x-ndjson', '*/*,'.repeat(2_000), '💶', '*'],
];
export const HOSTS = [
  ...[
    'localhost:8000',
    'example.com',
    '[::1]:80',
    'evil.example/path',
    'a b',
    '',
    'x'.repeat(5_000),
  ],
  ...[
    'localhost:99999',
    'localhost:999999',
    'user@host',
    "a'b",
    '"><script>',
    'é.example',
    '127.0.0.1',
  ],
];
export const TAGS = ['*', '"x"', 'W/"x"', ',,,', '"'.repeat(3_000)];

export function makeParameter(random: Random): string {
  const name = random.pick(NAMES);
  const value = parameterValue(name, random);
  const what = random.below(20);
  if (what === 0) return `${name}=${value}`;
  if (what === 1)
    return `${name}=%${random.pick(['', '0', 'zz', 'ff', 'C0%80', 'ED%A0%80', '00', 'u0041'])}`;
  if (what === 2) return name;
  if (what === 3)
    return `${name}=${encodeURIComponent(`${SECRET} ${hostileText(random)}`.toWellFormed())}`;
  return `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`;
}

function parameterValue(name: string, random: Random): string {
  if (random.chance(0.1)) return hostileText(random);
  if (random.chance(0.02)) return random.pick(['x', '💶', '9', '%']).repeat(4_000);
  if (/^(timestamp|generated)/.test(name)) return random.pick(MOMENTS);
  if (name.endsWith('price') || /^(page|confirm)/.test(name)) return random.pick(NUMBERS);
  if (name === 'ordering') return random.pick(ORDERINGS);
  if (name === 'format') return random.pick(FORMATS);
  if (name === 'cursor') return makeCursor(random);
  if (name === 'at')
    return random.pick(['20250115_103000', '99999999_999999', '2025-01-15T10:30:00', 'x']);
  return random.pick(['true', '1', 'no', '=1+1', 'USD', '7', "' or 1=1 --", '\0', '']);
}

/** A cursor of the API's own form with something wrong in it, or right by chance. */
function makeCursor(random: Random): string {
  const edges = [
    '0',
    '-1',
    '8458000000000000000',
    '-188395000000000000',
    '1e3',
    'NaN',
    '',
    '1.50',
    'x',
  ];
  const ofOtherLists = [
    { s: random.pick(['20250115_103000', '10000101_000000', '29991231_235959', '']), b: true },
    { t: random.pick([0, -1, 8.64e15, 1e300]), k: 'quarantine/auction_outcomes/0/7.json' },
  ];
  const ofOutcomes = {
    o: random.pick(['-timestamp,-id', 'timestamp,id', 'win_price,id', '-win_price,-id', 'id', '']),
    b: random.pick<unknown>([true, false, 'true', null]),
    k: Array.from({ length: random.pick([2, 2, 2, 0, 1, 3]) }, () => random.pick(edges)),
    ...(random.chance(0.1) ? { more: 1 } : {}),
  };
  const content = random.chance(0.3) ? random.pick<object>(ofOtherLists) : ofOutcomes;
  const text = random.chance(0.9) ? JSON.stringify(content) : hostileText(random);
  return random.chance(0.95) ? Buffer.from(text).toString('base64url') : text;
}
