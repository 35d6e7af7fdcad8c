// Links to other pages of a list: the request's own parameters, in alphabetical order, with one
// changed. Pure.
import type { ApiRequest, Query } from '../query/api-request.ts';

/** The request's URL with the parameter set, or without it when the value is `undefined`. */
export function linkWith(request: ApiRequest, name: string, value: string | undefined): string {
  const changed = new Map(request.query);
  if (value === undefined) changed.delete(name);
  else changed.set(name, [value]);
  return absoluteUrl(request, `${request.path}${queryText(changed)}`);
}

export function absoluteUrl({ origin, basePath }: ApiRequest, path: string): string {
  return `${origin}${basePath}${path}`;
}

/** `?a=1&b=2`, by name; empty when there is none. */
export function queryText(query: Query): string {
  const names = [...query.keys()].sort();
  const pairs = names.flatMap((name) =>
    (query.get(name) ?? []).map((value) => `${quote(name)}=${quote(value)}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** As a form has it: all but letters, digits and `_.-~` escaped, a blank as `+`. */
function quote(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
