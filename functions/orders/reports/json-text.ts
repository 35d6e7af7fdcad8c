// JSON text whose objects keep the order they are given and whose numbers keep every digit. An object
// of JavaScript can do neither: it sorts integer-like keys, which would undo a ranking. Pure.

/** A number as the text it shall have. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Entries = readonly (readonly [string, JsonNode])[];

export class JsonList {
  readonly nodes: readonly JsonNode[];
  constructor(nodes: readonly JsonNode[]) {
    this.nodes = nodes;
  }
}

export type JsonNode = string | boolean | null | NumberText | JsonList | Entries;

/** Two spaces a level, as the reports have always been shown. */
export function writeJson(node: JsonNode, indent = ''): string {
  if (node === null || typeof node !== 'object') return JSON.stringify(node);
  if (node instanceof NumberText) return node.text;
  const inner = `${indent}  `;
  if (node instanceof JsonList) {
    const lines = node.nodes.map((value) => `${inner}${writeJson(value, inner)}`);
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${indent}]`;
  }
  if (node.length === 0) return '{}';
  const lines = node.map(
    ([name, value]) => `${inner}${JSON.stringify(name)}: ${writeJson(value, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
