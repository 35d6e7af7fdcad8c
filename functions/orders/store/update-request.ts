// An UpdateItem as plain data, and its translation to DynamoDB's expression strings. Pure.
import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Decimal } from '../decimal.ts';
import type { ItemKey } from '../items.ts';

export type Attribute =
  | { readonly N: string }
  | { readonly S: string }
  | { readonly BOOL: boolean };
export type Item = Readonly<Record<string, Attribute>>;

export type Comparison =
  | { readonly attribute: string; readonly is: 'absent' | 'present' }
  | {
      readonly attribute: string;
      readonly is: '<' | '>' | '>=' | '=' | '<>';
      readonly value: Attribute;
    };

/** Each element must hold; of an element that is a list, one must. */
export type Conditions = readonly (Comparison | readonly Comparison[])[];

export interface UpdateRequest {
  readonly key: ItemKey;
  readonly add?: ReadonlyMap<string, Decimal>;
  readonly set?: ReadonlyMap<string, Attribute>;
  readonly remove?: readonly string[];
  readonly conditions: Conditions;
}

export type Expressions = Pick<
  UpdateItemCommandInput,
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

export function toExpressions(request: Omit<UpdateRequest, 'key'>): Expressions {
  const placeholders = makePlaceholders();
  const { name, value } = placeholders;
  const clauses = [
    clause('SET', [...(request.set ?? [])], ([key, to]) => `${name(key)} = ${value(to)}`),
    clause('ADD', [...(request.add ?? [])], ([key, by]) => `${name(key)} ${value(number(by))}`),
    clause('REMOVE', [...(request.remove ?? [])], (key) => name(key)),
  ].filter((text) => text !== '');
  const condition = toConditionExpression(request.conditions, placeholders);
  return {
    ...(clauses.length > 0 && { UpdateExpression: clauses.join(' ') }),
    ...(condition && { ConditionExpression: condition }),
    ...placeholders.all(),
  };
}

export function number(value: Decimal | bigint | number): Attribute {
  return { N: typeof value === 'object' ? value.toText() : value.toString() };
}

export function text(value: string): Attribute {
  return { S: value };
}

function clause<T>(verb: string, parts: readonly T[], show: (part: T) => string): string {
  return parts.length === 0 ? '' : `${verb} ${parts.map(show).join(', ')}`;
}

function toConditionExpression(conditions: Conditions, { name, value }: Placeholders): string {
  const show = (comparison: Comparison) => {
    const attribute = name(comparison.attribute);
    if ('value' in comparison) return `${attribute} ${comparison.is} ${value(comparison.value)}`;
    return `attribute_${comparison.is === 'absent' ? 'not_exists' : 'exists'}(${attribute})`;
  };
  return conditions
    .map((condition) =>
      'attribute' in condition ? show(condition) : `(${condition.map(show).join(' OR ')})`,
    )
    .join(' AND ');
}

type Placeholders = ReturnType<typeof makePlaceholders>;

/** Attribute names and values never stand in an expression themselves. */
function makePlaceholders() {
  const names = new Map<string, string>();
  const values: Record<string, Attribute> = {};
  return {
    name(attribute: string): string {
      const known = names.get(attribute);
      if (known) return known;
      const placeholder = `#${names.size}`;
      names.set(attribute, placeholder);
      return placeholder;
    },
    value(of: Attribute): string {
      const placeholder = `:${Object.keys(values).length}`;
      values[placeholder] = of;
      return placeholder;
    },
    all() {
      const byPlaceholder = [...names].map(([attribute, placeholder]) => [placeholder, attribute]);
      return {
        ...(names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(byPlaceholder) }),
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      };
    },
  };
}
