// The form of each answer, for the OpenAPI document; the tests hold the answers against it. Pure.
import * as z from 'zod';
import { REPORTS } from '../../contracts.ts';

const id = z.int().meta({ description: 'Rises in the order of recording.' });
const price = z.string().meta({ description: 'An exact decimal, with the digits that came in.' });
const time = z.string().meta({ format: 'date-time', description: 'UTC.' });
const amount = z.number().meta({ description: 'An exact decimal.' });
const link = z.url().nullable();

/** As a component of the OpenAPI document. */
const named = (id: string) => ({ id });

export const outcomeSummary = z
  .strictObject({
    id,
    bid_id: z.string(),
    user_id: z.string(),
    win_status: z.boolean(),
    win_price: price,
    timestamp: time,
  })
  .meta(named('OutcomeSummary'));

export const outcomeDetail = z
  .strictObject({
    id,
    bid_id: z.string(),
    user_id: z.string(),
    site_domain: z.string(),
    win_status: z.boolean(),
    win_price: price,
    bid_price: price,
    currency: z.string(),
    enriched: z.boolean(),
    timestamp: time,
    auction_timestamp: time.nullable(),
    user_interests: z.unknown().meta({ description: 'As the message had it.' }),
    is_winner: z.boolean(),
    profit_margin: amount.meta({ description: 'Bid price less win price of a win, else 0.' }),
    created_at: time,
    updated_at: time,
    raw_data: z.unknown().meta({ description: 'The message, as it came in.' }),
  })
  .meta(named('Outcome'));

export const deletedOutcomes = z
  .strictObject({
    deleted: z.int(),
    remaining: z.int().meta({
      description:
        'Of a large set, when the time was over: ask again, with this as `confirm_count`.',
    }),
  })
  .meta(named('Deletion'));

export const otherCount = z
  .strictObject({ detail: z.string(), count: z.int().meta({ description: 'That match now.' }) })
  .meta(named('OtherCount'));

export const outcomePage = z
  .strictObject({
    count: z
      .int()
      .optional()
      .meta({ description: 'All outcomes that match. Not with `cursor`, which counts nothing.' }),
    next: link,
    previous: link,
    results: z.array(outcomeSummary),
  })
  .meta(named('OutcomePage'));

const figures = {
  total_outcomes: z.int(),
  total_wins: z.int(),
  total_losses: z.int(),
  total_revenue: amount.meta({ description: 'The win prices of the wins.' }),
  average_win_price: amount.meta({ description: 'Over the wins.' }),
  average_bid_price: amount.meta({ description: 'Over all.' }),
  enriched_count: z.int(),
  win_rate: amount.meta({ description: 'Percent, with two decimals.' }),
};
const byCurrency = {
  description: 'The same for each currency: amounts of several currencies have no common sum.',
};

export const outcomeStats = z
  .strictObject({
    ...figures,
    by_currency: z.array(z.strictObject({ currency: z.string(), ...figures })).meta(byCurrency),
  })
  .meta(named('OutcomeStats'));

const dayFigures = {
  total: z.int(),
  wins: z.int(),
  revenue: amount.nullable().meta({ description: '`null` on a day without a win.' }),
  avg_win_price: amount.nullable(),
};

export const outcomeDays = z
  .array(
    z.strictObject({
      date: z.string().meta({ format: 'date', description: 'A UTC day of `timestamp`.' }),
      ...dayFigures,
      by_currency: z
        .array(z.strictObject({ currency: z.string(), ...dayFigures }))
        .meta(byCurrency),
    }),
  )
  .meta(named('OutcomeDays'));

export const health = z
  .strictObject({
    status: z.literal('ok'),
    database: z.literal('ok'),
    newest_outcome: z
      .strictObject({ id, timestamp: time, created_at: time })
      .nullable()
      .meta({ description: 'The one recorded last.' }),
    reports: z
      .strictObject({ written_at: time.nullable() })
      .optional()
      .meta({ description: 'With `deep`: when the newest was written.' }),
  })
  .meta(named('Health'));

export const apiRoot = z.strictObject({ outcomes: z.url() }).meta(named('ApiRoot'));

export const reportName = z.enum(REPORTS.map(({ name }) => name)).meta(named('ReportName'));
export const reportIndex = z
  .array(
    z.strictObject({
      name: reportName,
      url: z.url(),
      runs: z.url(),
      generated_at: z.string().nullable().meta({ description: 'For `?at=`; UTC without a zone.' }),
      written_at: time.nullable().meta({ description: '`null` before the first run.' }),
    }),
  )
  .meta(named('ReportList'));

const generatedAt = z.string().meta({ description: 'UTC without a zone.' });

/** Of any report, with `format=list`. */
export const reportRows = z
  .strictObject({
    report_type: z.string(),
    generated_at: generatedAt,
    data: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
  })
  .meta(named('ReportRows'));

export const reportRuns = z
  .strictObject({
    next: link,
    previous: link,
    results: z.array(
      z.strictObject({
        at: generatedAt.meta({ description: 'The `generated_at` of its document, for `?at=`.' }),
        url: z.url(),
        written_at: time,
        bytes: z.int(),
      }),
    ),
  })
  .meta(named('ReportRuns'));

export const description = z.looseObject({ openapi: z.string() }).meta(named('Description'));
/** Of an answer without a body. */
export const nothing = z.null();
export const plainText = z.string();

export const failure = z
  .looseObject({ detail: z.string().optional() })
  .meta({ ...named('Failure'), description: 'In `detail` what went wrong.' });

export const gatewayRefusal = z.looseObject({ message: z.string() }).meta({
  ...named('GatewayRefusal'),
  description: 'Of API Gateway itself: in `message` what it says.',
});

export const refusal = z.record(z.string(), z.array(z.string())).meta({
  ...named('Refusal'),
  description: 'For each parameter that was refused its complaints.',
});
