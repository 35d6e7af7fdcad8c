// JSON with its numbers as they are written and its members in their order: JSON.parse rounds
// 12345678901234567.89 and moves keys that look like integers to the front, which loses ranks. Pure.

/** A number by its text. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = ReadonlyMap<string, Json>;
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, Json])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

/** @throws {SyntaxError} with the place. */
export function parseJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    this.#take(BLANKS);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#list();
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const number = this.#take(NUMBER);
    if (number) return new JsonNumber(number);
    throw this.#unexpected();
  }

  end(): void {
    this.#take(BLANKS);
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  #object(): JsonObject {
    const members = new Map<string, Json>();
    this.#at += 1;
    if (this.#skip('}')) return members;
    do {
      this.#take(BLANKS);
      const name = this.#string();
      if (!this.#skip(':')) throw this.#unexpected();
      members.set(name, this.value());
    } while (this.#skip(','));
    if (!this.#skip('}')) throw this.#unexpected();
    return members;
  }

  #list(): readonly Json[] {
    const entries: Json[] = [];
    this.#at += 1;
    if (this.#skip(']')) return entries;
    do entries.push(this.value());
    while (this.#skip(','));
    if (!this.#skip(']')) throw this.#unexpected();
    return entries;
  }

  #string(): string {
    const literal = this.#take(STRING);
    if (!literal) throw this.#unexpected();
    return JSON.parse(literal) as string;
  }

  #skip(sign: string): boolean {
    this.#take(BLANKS);
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #take(form: RegExp): string {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #unexpected(): SyntaxError {
    const what = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'end';
    return new SyntaxError(`Unexpected ${what} at ${this.#at} of the JSON text.`);
  }
}

/** For a person to read; numbers keep their text. */
export function printJson(value: Json, indent = ''): string {
  if (value instanceof JsonNumber) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}  `;
  const isList = Array.isArray(value);
  const lines = isList
    ? value.map((entry: Json) => deeper + printJson(entry, deeper))
    : [...(value as JsonObject)].map(
        ([name, entry]) => `${deeper}${JSON.stringify(name)}: ${printJson(entry, deeper)}`,
      );
  const [open, close] = isList ? '[]' : '{}';
  return lines.length === 0
    ? `${open}${close}`
    : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
