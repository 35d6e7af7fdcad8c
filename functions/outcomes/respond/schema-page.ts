// The OpenAPI document as a page to read, whole in itself: no script, nothing fetched. Pure.
import type { JsonSchema, OpenApi, Operation, Parameter } from './openapi.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code { font: 0.9em ui-monospace, monospace; }
  h2 { margin-top: 2.5rem; border-top: 1px solid #ccc; padding-top: 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #ddd; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }`;

export function renderSchemaPage({ info, servers, paths }: OpenApi): string {
  const title = escapeHtml(info.title ?? '');
  const sections = Object.entries(paths).map(([path, { get }]) => section(path, get));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}
</style>
<h1>${title}</h1>
<p>${escapeHtml(info.description ?? '')}</p>
<p>At <code>${escapeHtml(servers[0]?.url ?? '')}</code>, as
<a href="?format=json">OpenAPI 3.1</a> for machines.</p>
${sections.join('\n')}
</html>
`;
}

function section(path: string, { summary, description, parameters, responses }: Operation): string {
  const answers = Object.entries(responses).map(
    ([status, response]) =>
      `<tr><td><code>${status}</code><td>${text(response.description)}` +
      `<td>${Object.keys(response.content ?? {})
        .map(escapeHtml)
        .join(', ')}`,
  );
  return `<h2><code>GET ${escapeHtml(path)}</code></h2>
<p><b>${escapeHtml(summary)}.</b> ${text(description)}</p>
<table><tr><th>Parameter<th>Form<th>Meaning
${parameters.map(parameterRow).join('\n')}
</table>
<table><tr><th>Status<th>Meaning<th>Content
${answers.join('\n')}
</table>`;
}

function parameterRow({ name, schema, description = '' }: Parameter): string {
  return `<tr><td><code>${escapeHtml(name)}</code><td>${escapeHtml(form(schema))}<td>${text(description)}`;
}

function form({ type, enum: choices, items, minimum, maximum }: JsonSchema): string {
  const range = minimum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  const list = Array.isArray(choices) ? `: ${choices.join(', ')}` : '';
  const each = isSchema(items) ? ` of ${form(items)}` : '';
  return `${type}${each}${range}${list}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

/** Escaped, with code between backquotes. */
function text(value: string): string {
  return escapeHtml(value).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
