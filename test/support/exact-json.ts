/** Parsed JSON whose numbers are the text they had, so that no digit is lost before it is compared. */
// biome-ignore lint/suspicious/noExplicitAny: an answer's form is what a test finds out.
export function exactJson(text: string): any {
  return JSON.parse<unknown>(text, (_key, value, { source }) =>
    typeof value === 'number' ? source : value,
  );
}
