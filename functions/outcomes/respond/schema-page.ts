// The OpenAPI document as a page to read, whole in itself: no script, nothing fetched. Pure.
import { createHash } from 'node:crypto';
import { type Answer, textAnswer, withHeaders } from './answer.ts';
import type { JsonSchema } from './json-schemas.ts';
import type { OpenApi } from './openapi.ts';
import type { Operation, Parameter } from './openapi-operation.ts';
import { pagePolicy } from './security.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1a1a1a; }
  code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
  nav ul { columns: 18rem; padding-left: 1.2rem; }
  h2 { margin-top: 2.5rem; border-top: 1px solid #ccc; padding-top: 1rem; overflow-wrap: anywhere; }
  summary { cursor: pointer; padding: 0.3rem 0; }
  dt { margin-top: 0.6rem; }
  dd { margin-left: 1.2rem; }
  a { color: #0645ad; }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }`;
const STYLE_HASH = `sha256-${createHash('sha256').update(`${STYLE}\n`).digest('base64')}`;
/** So that no browser asks for a favicon. */
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 8V4h2v4zm3 0V1h2v7zm3 0V3h2v5z'/></svg>";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly operation: Operation;
}

export function schemaPageAnswer(document: OpenApi): Answer {
  const page = textAnswer(200, 'text/html; charset=utf-8', renderSchemaPage(document));
  return withHeaders(page, { 'content-security-policy': pagePolicy(STYLE_HASH) });
}

function renderSchemaPage({ info, servers, paths }: OpenApi): string {
  const title = escapeHtml(info.title);
  const sections = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      id: operation.operationId,
      title: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}
</style>
<main>
<h1>${title} ${escapeHtml(info.version)}</h1>
<p>${text(info.description)}</p>
<p>At <code>${escapeHtml(servers[0]?.url ?? '')}</code>, as
<a href="?format=json">OpenAPI 3.1</a> for machines.</p>
<nav aria-label="Operations"><ul>
${sections.map(indexEntry).join('\n')}
</ul></nav>
${sections.map(sectionText).join('\n')}
</main>
</html>
`;
}

function indexEntry({ id, title }: Section): string {
  return `<li><a href="#${escapeHtml(id)}"><code>${escapeHtml(title)}</code></a>`;
}

function sectionText({ id, title, operation }: Section): string {
  const { summary, description, parameters, responses } = operation;
  const answers = Object.entries(responses).map(([status, response]) => {
    const forms = Object.keys(response.content ?? {}).map(escapeHtml);
    return `<dt><code>${status}</code> ${forms.join(', ')}<dd>${text(response.description)}`;
  });
  return `<section>
<h2 id="${escapeHtml(id)}"><code>${escapeHtml(title)}</code></h2>
<p><b>${escapeHtml(summary)}.</b> ${text(description)}</p>
<details><summary>Parameters (${parameters.length})</summary><dl>
${parameters.map(parameterEntry).join('\n')}
</dl></details>
<details><summary>Answers</summary><dl>
${answers.join('\n')}
</dl></details>
</section>`;
}

function parameterEntry({ name, schema, description = '' }: Parameter): string {
  return `<dt><code>${escapeHtml(name)}</code> ${escapeHtml(form(schema))}<dd>${text(description)}`;
}

function form(schema: JsonSchema): string {
  const { type, enum: choices, items, minimum, maximum, anyOf, $ref } = schema;
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? '';
  if (Array.isArray(anyOf)) return anyOf.filter(isSchema).map(form).join(' or ');
  const range = [
    ...(minimum === undefined ? [] : [` from ${minimum}`]),
    ...(maximum === undefined ? [] : [` to ${maximum}`]),
  ].join('');
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
