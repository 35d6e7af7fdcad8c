// What may be asked by GraphQL. Names, filters and meanings are those of the paths under /api/. Pure.
import { buildSchema, GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { LIMITS, REPORTS } from '../../contracts.ts';

const FILTERS = `
  user_id: String, site_domain: String, bid_id: String, currency: String
  win_status: Boolean, enriched: Boolean
  "Of win_price, inclusive, as text or number."
  min_price: Decimal, max_price: Decimal
  "ISO 8601, inclusive; a date alone is that whole UTC day."
  timestamp_after: String, timestamp_before: String`;

const FIGURES = `
  total_outcomes: Integer!, total_wins: Integer!, total_losses: Integer!
  total_revenue: Decimal!, average_win_price: Decimal!, average_bid_price: Decimal!
  enriched_count: Integer!, win_rate: Decimal!`;

const DAY_FIGURES = 'total: Integer!, wins: Integer!, revenue: Decimal, avg_win_price: Decimal';

const SDL = `
"An exact decimal, as text."
scalar Decimal
"A whole number of any size."
scalar Integer
scalar JSON

input Filter {${FILTERS}
}

type Query {
  "Newest first, unless ordered otherwise; \`cursor\` as \`next\` and \`previous\` have it."
  outcomes(filter: Filter, ordering: [String!], page_size: Int = ${LIMITS.pageSizeDefault}, cursor: String): OutcomePage
  outcome(id: ID!): Outcome
  stats(filter: Filter): Stats
  daily_stats(filter: Filter): [Day!]
  reports: [ReportEntry!]
  "The newest, or the run of \`at\`."
  report(name: ReportName!, at: String): Report
}

type OutcomePage {
  results: [Outcome!]!
  next: String
  previous: String
}

type Outcome {
  id: ID!, bid_id: String!, user_id: String!, site_domain: String!, win_status: Boolean!
  win_price: Decimal!, bid_price: Decimal!, currency: String!, enriched: Boolean!
  timestamp: String!, auction_timestamp: String, user_interests: JSON
  is_winner: Boolean!, profit_margin: Decimal!, created_at: String!, updated_at: String!
}

type Stats {${FIGURES}
  by_currency: [CurrencyStats!]!
}

type CurrencyStats { currency: String!
${FIGURES}
}

type Day { date: String!, ${DAY_FIGURES}, by_currency: [CurrencyDay!]! }
type CurrencyDay { currency: String!, ${DAY_FIGURES} }

enum ReportName { ${REPORTS.map(({ name }) => name).join(' ')} }
type ReportEntry {
  name: ReportName!
  "For \`at\`; UTC without a zone."
  generated_at: String
  "Null before the first run."
  written_at: String
}
"The rows in their order, the ranked ones with their \`rank\`; all numbers with all digits."
type Report { report_type: String!, generated_at: String!, rows: [JSON!]! }
`;

export function makeSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  serialize(schema, 'Decimal', sourceText);
  serialize(schema, 'Integer', (value) => value);
  serialize(schema, 'JSON', (value) => value);
  return schema;
}

function serialize(schema: GraphQLSchema, name: string, how: (value: unknown) => unknown): void {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLScalarType)) throw new TypeError(`${name} is no scalar.`);
  type.serialize = how;
}

/** Of a number its digits, of text itself. */
export function sourceText(value: unknown): string {
  return JSON.isRawJSON(value) ? value.rawJSON : String(value);
}
