// JSON text → what it says, with the order of its members and the digits of its numbers: a parsed object would
// sort keys that look like integers, which undoes a ranking, and a parsed number is a double. Pure.

/** A number as the text had it. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type OrderedNode = string | boolean | null | NumberText | readonly OrderedNode[] | Members;
export type Members = ReadonlyMap<string, OrderedNode>;

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))/y;

interface Reader {
  /** The next token, which is taken. */
  take(): string;
  /** Takes the next token when it is this one. */
  takes(token: string): boolean;
}

/** @throws {SyntaxError} */
export function readOrderedJson(text: string): OrderedNode {
  JSON.parse(text); // Whatever is not JSON ends here: below, only its form is left to be read.
  return readNode(makeReader(text));
}

export function isMembers(node: OrderedNode | undefined): node is Members {
  return node instanceof Map;
}

function makeReader(text: string): Reader {
  const tokens = new RegExp(TOKEN);
  let next = tokens.exec(text)?.[0].trim() ?? '';
  const take = () => {
    const taken = next;
    next = tokens.exec(text)?.[0].trim() ?? '';
    return taken;
  };
  return { take, takes: (token) => next === token && take() === token };
}

function readNode(reader: Reader): OrderedNode {
  const token = reader.take();
  if (token === '{') return readMembers(reader);
  if (token === '[') return readList(reader);
  if (/^[-\d]/.test(token)) return new NumberText(token);
  return JSON.parse(token) as string | boolean | null;
}

function readMembers(reader: Reader): Members {
  const members = new Map<string, OrderedNode>();
  while (!reader.takes('}')) {
    const name: string = JSON.parse(reader.take());
    reader.take();
    members.set(name, readNode(reader));
    reader.takes(',');
  }
  return members;
}

function readList(reader: Reader): OrderedNode[] {
  const list: OrderedNode[] = [];
  while (!reader.takes(']')) {
    list.push(readNode(reader));
    reader.takes(',');
  }
  return list;
}
