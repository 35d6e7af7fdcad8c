// JSON.parse source text access (ECMAScript proposal, in V8 since 11.4), not yet in TypeScript's lib.
interface JSON {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
  parse<T>(
    text: string,
    reviver: (key: string, value: T, context: { readonly source?: string }) => T,
  ): T;
}
