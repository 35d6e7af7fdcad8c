// The query parameters: how each is read and checked. The OpenAPI document is made from these same
// schemas, so what it says is what happens. Names that are not here are ignored. Pure.
import * as z from 'zod';
import { LIMITS } from '../../contracts.ts';
import { DAY, parseDay, parseInstant } from './instant.ts';
import { allowedTerms, ORDERING_TERMS } from './ordering.ts';

const TRUE_TEXTS = ['true', '1', 'yes'];
/** Any scale, exponent form; the bounds keep a number below what PostgreSQL's numeric holds. */
const DECIMAL = /^[+-]?(\d{1,1000}(\.\d{0,1000})?|\.\d{1,1000})([eE][+-]?\d{1,4})?$/;
const TIME_FORM = 'YYYY-MM-DD or YYYY-MM-DDThh:mm:ss[.uuuuuu][Z|+HH:MM|-HH:MM]';
const TIME_COMPLAINT = `Datetime has wrong format. Use ${TIME_FORM}.`;

const unlessEmpty = (text: unknown) => (text === '' ? undefined : text);

const text = z.preprocess(
  unlessEmpty,
  z
    .string()
    .refine((value) => !value.includes('\0'), 'Null characters are not allowed.')
    .optional(),
);

const flag = z.preprocess(
  (value) => (value === undefined ? value : TRUE_TEXTS.includes(String(value).toLowerCase())),
  z.boolean().optional(),
);

const price = z.preprocess(
  (value) => unlessEmpty(typeof value === 'string' ? value.trim() : value),
  z.string().regex(DECIMAL, 'Enter a number.').optional(),
);

/** A date alone means the whole UTC day: its first instant, or its last. */
function time(edge: 'first' | 'last') {
  const read = (value: string) => {
    const day = parseDay(value);
    if (day === undefined) return parseInstant(value);
    return edge === 'first' ? day : day + DAY - 1n;
  };
  return z
    .preprocess(unlessEmpty, z.string().optional())
    .refine((value) => value === undefined || read(value) !== undefined, TIME_COMPLAINT)
    .transform((value) => (value === undefined ? undefined : read(value)));
}

export const filterParameters = z.object({
  user_id: text.meta({ description: 'Exactly this user.' }),
  site_domain: text.meta({ description: 'Exactly this site.' }),
  bid_id: text.meta({ description: 'Exactly this bid request.' }),
  currency: text.meta({ description: 'Exactly this currency code.' }),
  win_status: flag.meta({
    description: 'Won or lost: `true`, `1`, `yes` in any case are true, all else is false.',
  }),
  enriched: flag.meta({ description: 'Enriched or not, read as `win_status` is.' }),
  min_price: price.meta({ description: 'Least `win_price`, inclusive.' }),
  max_price: price.meta({ description: 'Greatest `win_price`, inclusive.' }),
  timestamp_after: time('first').meta({
    description: `Earliest \`timestamp\`, inclusive: ${TIME_FORM}; UTC where no zone is given.`,
  }),
  timestamp_before: time('last').meta({
    description: 'Latest `timestamp`, inclusive; a date alone includes that whole day.',
  }),
});
export interface Filters extends z.output<typeof filterParameters> {
  /** Only wins, whatever `win_status` says beside it. */
  readonly isWin?: true;
}

export const deletionParameters = filterParameters.extend({
  confirm_count: z
    .preprocess(
      (value) => (typeof value === 'string' ? wholeNumber(value) : value),
      z
        .int('A valid integer is required.')
        .min(0, 'Ensure this value is greater than or equal to 0.')
        .optional(),
    )
    .meta({ description: 'How many outcomes match, as their user has seen it. Required.' }),
});
export type DeletionParameters = z.output<typeof deletionParameters>;

export const figureParameters = filterParameters.extend({
  include_dropped: flag.meta({
    description:
      'Also what retention has dropped, of which only the daily sums are left: not with a filter that asks for single rows.',
  }),
});
export type FigureParameters = z.output<typeof figureParameters>;

const ordering = z
  .preprocess(
    (value) => (typeof value === 'string' ? allowedTerms(value) : value),
    z.array(z.enum(ORDERING_TERMS)).optional(),
  )
  .meta({ description: 'Sort keys by comma, `-` for descending; default `-timestamp`.' });

const pageSize = z
  .preprocess(
    (value) => (typeof value === 'string' && value !== '' ? wholeNumber(value) : undefined),
    z
      .int('A valid integer is required.')
      .min(1, 'Ensure this value is greater than or equal to 1.')
      .max(LIMITS.pageSizeMax, `Ensure this value is less than or equal to ${LIMITS.pageSizeMax}.`)
      .optional(),
  )
  .meta({ description: `Rows a page, ${LIMITS.pageSizeDefault} when not set.` });

/** Trimmed by its readers; a page that is not there is a 404 and not a 400. */
const page = z.string().optional();

export const listParameters = filterParameters.extend({
  ordering,
  page: page.meta({ description: 'A page from 1, or `last`.' }),
  page_size: pageSize,
  include_raw_data: flag.meta({
    description: 'In an export, the message of each outcome as it came in as well: `raw_data`.',
  }),
  cursor: z.string().optional().meta({
    description:
      'Pages by position instead of number: empty for the first page, then as `next` has it.',
  }),
});
export type ListParameters = z.output<typeof listParameters>;

export const reportParameters = z.object({
  at: text.meta({
    description: 'The run, as `YYYYMMDD_HHMMSS` or as its `generated_at`; default the newest.',
  }),
});

export const runsParameters = z.object({
  page_size: pageSize,
  cursor: z.string().optional().meta({ description: 'As `next` and `previous` have it.' }),
  generated_before: time('last').meta({
    description: `The newest run at or before this time, and what is older: ${TIME_FORM}; a date alone includes that whole day.`,
  }),
});
export type RunsParameters = z.output<typeof runsParameters>;

const REFUSED_PAGE_MAX = 100;

export const refusedParameters = z.object({
  topic: text.meta({ description: 'Of this topic alone.' }),
  page_size: pageSize
    .refine(
      (size) => size === undefined || size <= REFUSED_PAGE_MAX,
      `Ensure this value is less than or equal to ${REFUSED_PAGE_MAX}.`,
    )
    .meta({ description: 'Records a page, 20 when not set, at most 100.' }),
  cursor: z.string().optional().meta({ description: 'As `next` has it.' }),
});
export type RefusedParameters = z.output<typeof refusedParameters>;

function wholeNumber(value: string): number {
  return /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN;
}
