// What a text must look like to be taken for a parameter, as JSON Schema says it: for the OpenAPI document.
// The readers in parameters.ts decide; the tests hold one against the other. Pure.

/** A fragment of JSON Schema. */
export type Form = Readonly<Record<string, unknown>>;

const YEAR = '(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])';
const FOURTH = '(?:0[48]|[2468][048]|[13579][26])';
const LEAP_YEAR = `(?:[0-9]{2}${FOURTH}|${FOURTH}00)`;

/** A date of the calendar, its parts with this between them. */
const dateOf = (dash: string) =>
  `(?:${[
    `${YEAR}${dash}(?:0[13578]|1[02])${dash}(?:0[1-9]|[12][0-9]|3[01])`,
    `${YEAR}${dash}(?:0[469]|11)${dash}(?:0[1-9]|[12][0-9]|30)`,
    `${YEAR}${dash}02${dash}(?:0[1-9]|1[0-9]|2[0-8])`,
    `${LEAP_YEAR}${dash}02${dash}29`,
  ].join('|')})`;

const MINUTE = '[0-5][0-9]';
const HOUR = '(?:[01][0-9]|2[0-3])';
const TIME = `[Tt ]${HOUR}(?::?${MINUTE}(?::?${MINUTE}(?:[.,][0-9]+)?)?)?`;
const ZONE = ` ?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?${MINUTE})?)`;
const DATE = `(?:${dateOf('-')}|${dateOf('')})`;

const NO_NUL = '^[^\\u0000]*$';
const DECIMAL =
  '[+-]?(?:[0-9]{1,1000}(?:\\.[0-9]{0,1000})?|\\.[0-9]{1,1000})(?:[eE][+-]?[0-9]{1,4})?';

function text(pattern: string): Form {
  return { type: 'string', pattern };
}

export const FORMS = {
  text: text(NO_NUL),
  flag: { anyOf: [{ type: 'boolean' }, { type: 'string' }] },
  decimal: { anyOf: [{ type: 'number' }, text(`^ *(?:${DECIMAL})? *$`)] },
  time: text(`^(?: *${DATE}(?:${TIME}(?:${ZONE})?)? *)?$`),
  stamp: text('^(?:[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T_][0-9]{2}:?[0-9]{2}:?[0-9]{2})?$'),
  ordering: {
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
  },
  count: {
    anyOf: [{ type: 'integer', minimum: 0 }, text('^ *[+]?[0-9]{1,15} *$')],
  },
  pageSize: pageSizeForm(1_000, '(?:[1-9][0-9]{0,2}|1000)'),
  smallPageSize: pageSizeForm(100, '(?:[1-9][0-9]?|100)'),
  page: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }] },
} as const satisfies Readonly<Record<string, Form>>;

/** From 1 on, as a number or as its text. */
function pageSizeForm(maximum: number, digits: string): Form {
  return {
    anyOf: [{ type: 'integer', minimum: 1, maximum }, text(`^(?: *[+]?0*${digits} *)?$`)],
  };
}
