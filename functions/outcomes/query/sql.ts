// SQL whose values stand apart from its text. Text comes from template literals of this code alone;
// whatever is put in by `${}` is a value or another such piece, never text. Pure.

export type SqlValue = string | number | boolean | null;

/** `texts` is one longer than `values`: a value stands between each two texts. */
export class Sql {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];

  constructor(texts: readonly string[], values: readonly SqlValue[]) {
    this.texts = texts;
    this.values = values;
  }
}

/** The statement, and by its type the rows that it answers. */
export interface Query<Row> extends Sql {
  readonly rowType?: Row;
}

export function sql(texts: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql {
  const [start = '', ...rest] = texts;
  return parts.reduce<Sql>(
    (soFar, part, index) => append(append(soFar, asSql(part)), new Sql([rest[index] ?? ''], [])),
    new Sql([start], []),
  );
}

export function joinSql(parts: readonly Sql[], separator: Sql): Sql {
  const [first, ...rest] = parts;
  if (!first) throw new RangeError('There is nothing to join.');
  return rest.reduce((joined, part) => append(append(joined, separator), part), first);
}

/** A number of this code, as text: the planner knows it, as it does not know a parameter of a statement that it keeps. */
export function constant(number: number): Sql {
  if (!Number.isSafeInteger(number)) throw new RangeError(`${number} is no whole number.`);
  return new Sql([String(number)], []);
}

function asSql(part: SqlValue | Sql): Sql {
  return part instanceof Sql ? part : new Sql(['', ''], [part]);
}

function append(a: Sql, b: Sql): Sql {
  const [first = '', ...rest] = b.texts;
  const seam = (a.texts.at(-1) ?? '') + first;
  return new Sql([...a.texts.slice(0, -1), seam, ...rest], [...a.values, ...b.values]);
}
