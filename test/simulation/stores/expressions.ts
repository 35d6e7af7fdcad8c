// DynamoDB's condition and update expressions, as far as the stores use them: parsed once for each
// text, evaluated with the names and values of a request. What is not known is an error, never ignored.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { addNumbers, compareNumbers, NumberError, normalizeNumber } from './numbers.ts';

export type StoredItem = Readonly<Record<string, AttributeValue>>;

/** What DynamoDB answers with `ValidationException`. */
export class InvalidRequest extends Error {}

export interface Parameters {
  readonly names: Readonly<Record<string, string>>;
  readonly values: StoredItem;
}

type Operator = '=' | '<>' | '<' | '<=' | '>' | '>=';
type Condition =
  | { readonly kind: 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'exists'; readonly name: string; readonly wanted: boolean }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly operator: Operator;
      readonly value: string;
    };

interface Update {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
}

const TOKEN = /\s*(#\w+|:\w+|<=|>=|<>|[=<>(),]|\w+)/y;

class Tokens {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const [, token] = TOKEN.exec(text) ?? [];
      if (token === undefined) throw new InvalidRequest(`Not simulated: the expression ${text}`);
      this.#tokens.push(token);
    }
  }

  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  take(form: RegExp): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined || !form.test(token)) {
      throw new InvalidRequest(`Not simulated: ${token} where ${form} is expected`);
    }
    return token;
  }

  takeIf(token: string): boolean {
    const isNext = this.next === token;
    if (isNext) this.#at += 1;
    return isNext;
  }
}

const NAME = /^(#\w+|[a-z]\w*)$/;
const VALUE = /^:\w+$/;

/** `AND` binds closer than `OR`. */
function parseOr(tokens: Tokens): Condition {
  const parts = [parseAnd(tokens)];
  while (tokens.takeIf('OR')) parts.push(parseAnd(tokens));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts };
}

function parseAnd(tokens: Tokens): Condition {
  const parts = [parseComparison(tokens)];
  while (tokens.takeIf('AND')) parts.push(parseComparison(tokens));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts };
}

function parseComparison(tokens: Tokens): Condition {
  if (tokens.takeIf('(')) {
    const inner = parseOr(tokens);
    tokens.take(/^\)$/);
    return inner;
  }
  for (const wanted of [true, false]) {
    if (!tokens.takeIf(wanted ? 'attribute_exists' : 'attribute_not_exists')) continue;
    tokens.take(/^\($/);
    const name = tokens.take(NAME);
    tokens.take(/^\)$/);
    return { kind: 'exists', name, wanted };
  }
  const name = tokens.take(NAME);
  const operator = tokens.take(/^(=|<>|<|<=|>|>=)$/) as Operator;
  return { kind: 'compare', name, operator, value: tokens.take(VALUE) };
}

function parseUpdate(tokens: Tokens): Update {
  const set: [string, string][] = [];
  const add: [string, string][] = [];
  const remove: string[] = [];
  while (tokens.next !== undefined) {
    const clause = tokens.take(/^(SET|ADD|REMOVE)$/);
    do {
      const name = tokens.take(NAME);
      if (clause === 'REMOVE') remove.push(name);
      else {
        if (clause === 'SET') tokens.take(/^=$/);
        (clause === 'SET' ? set : add).push([name, tokens.take(VALUE)]);
      }
    } while (tokens.takeIf(','));
  }
  return { set, add, remove };
}

function remembered<T>(parse: (tokens: Tokens) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const tokens = new Tokens(text);
    const parsed = parse(tokens);
    if (tokens.next !== undefined) throw new InvalidRequest(`Not simulated: ${tokens.next}`);
    known.set(text, parsed);
    return parsed;
  };
}

const parsedCondition = remembered(parseOr);
const parsedUpdate = remembered(parseUpdate);

const placeholders = new Map<string, ReadonlySet<string>>();

function placeholdersIn(text: string): ReadonlySet<string> {
  const known = placeholders.get(text) ?? new Set(text.match(/[#:]\w+/g));
  placeholders.set(text, known);
  return known;
}

/** Each name and value that a request defines must be used, and the reverse. */
export function checkParameters(text: string, { names, values }: Parameters): void {
  const used = placeholdersIn(text);
  const defined = [...Object.keys(names), ...Object.keys(values)];
  const unused = defined.filter((placeholder) => !used.has(placeholder));
  if (unused.length > 0) throw new InvalidRequest(`unused in expressions: ${unused}`);
  if (used.size > defined.length) throw new InvalidRequest('a placeholder is not defined');
}

export function holds(text: string, item: StoredItem, parameters: Parameters): boolean {
  const evaluate = (condition: Condition): boolean => {
    if (condition.kind === 'and') return condition.parts.every(evaluate);
    if (condition.kind === 'or') return condition.parts.some(evaluate);
    const attribute = item[nameOf(condition.name, parameters)];
    if (condition.kind === 'exists') return (attribute !== undefined) === condition.wanted;
    return compares(attribute, condition.operator, readValue(condition.value, parameters));
  };
  return evaluate(parsedCondition(text));
}

/** A comparison with an absent attribute or one of another type is false, but for `<>`. */
function compares(a: AttributeValue | undefined, operator: Operator, b: AttributeValue): boolean {
  const order = a && compareValues(a, b);
  if (order === undefined) return operator === '<>';
  if (operator === '=') return order === 0;
  if (operator === '<>') return order !== 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** `undefined` when the two are of different types. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.S !== undefined && b.S !== undefined) return Buffer.compare(bytes(a.S), bytes(b.S));
  if (a.BOOL !== undefined && b.BOOL !== undefined) return Number(a.BOOL) - Number(b.BOOL);
  return undefined;
}

const bytes = (text: string) => Buffer.from(text);

export function applyUpdate(text: string, item: StoredItem, parameters: Parameters): StoredItem {
  const { set, add, remove } = parsedUpdate(text);
  const paths = [...set, ...add].map(([name]) => name).concat(remove);
  const names = paths.map((path) => nameOf(path, parameters));
  if (new Set(names).size < names.length) {
    throw new InvalidRequest('Two document paths overlap with each other');
  }
  const updated: Record<string, AttributeValue> = { ...item };
  for (const [name, value] of set) {
    updated[nameOf(name, parameters)] = normalizeValue(readValue(value, parameters));
  }
  for (const [path, value] of add) {
    const name = nameOf(path, parameters);
    const by = readValue(value, parameters).N;
    const stored = updated[name] ?? { N: '0' };
    if (by === undefined || stored.N === undefined) {
      throw new InvalidRequest('An operand in the update expression has an incorrect data type');
    }
    updated[name] = { N: exactly(() => addNumbers(stored.N, by)) };
  }
  for (const path of remove) delete updated[nameOf(path, parameters)];
  return updated;
}

/** @throws {InvalidRequest} for a type that no store uses. */
export function normalizeValue(value: AttributeValue): AttributeValue {
  const { N, S, BOOL } = value;
  if (N !== undefined) return { N: exactly(() => normalizeNumber(N)) };
  if (S !== undefined) return { S };
  if (BOOL !== undefined) return { BOOL };
  throw new InvalidRequest(`Not simulated: an attribute ${Object.keys(value)}`);
}

function exactly<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof NumberError) throw new InvalidRequest(error.message);
    throw error;
  }
}

function nameOf(path: string, { names }: Parameters): string {
  const name = path.startsWith('#') ? names[path] : path;
  if (name === undefined) throw new InvalidRequest(`not defined in the request: ${path}`);
  return name;
}

function readValue(placeholder: string, { values }: Parameters): AttributeValue {
  const value = values[placeholder];
  if (!value) throw new InvalidRequest(`not defined in the request: ${placeholder}`);
  return value;
}
