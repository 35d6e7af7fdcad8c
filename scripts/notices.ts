// The notices of the packages that a bundle holds, as their licences ask for: one text beside each bundle.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(?:licen[cs]e|notice)(?:[.-].*)?$/i;

const HEAD = 'This bundle holds the following packages, each under its own licence.\n';
const RULE = '='.repeat(80);

/** Their folders, from the paths of what was bundled. */
function packagesOf(inputs: readonly string[]): string[] {
  const folders = inputs.map((path) => PACKAGE.exec(path)?.[0].slice(0, -1));
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** What esbuild tells of the files that it wrote. */
type Outputs = Readonly<Record<string, { readonly inputs: Readonly<Record<string, object>> }>>;

/** Packages under the very same text stand together over it. */
export function noticesOf(root: string, outputs: Outputs): string {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const byText = new Map<string, string[]>();
  for (const folder of packagesOf(inputs)) {
    const { title, text } = readLicence(join(root, folder));
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  const parts = [...byText].map(([text, titles]) => `${RULE}\n${titles.join('\n')}\n\n${text}\n`);
  return [HEAD, ...parts].join('\n');
}

function readLicence(folder: string): { readonly title: string; readonly text: string } {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).filter((entry) => LICENCE_FILE.test(entry));
  const texts = files.sort().map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  const title = `${name} ${version} (${license})`;
  if (texts.length > 0) return { title, text: texts.join('\n\n') };
  return { title, text: `By ${author?.name ?? author}\n\n${standardText(title, license)}` };
}

/** Of a package that brings none. */
function standardText(title: string, licence: string): string {
  const path = join(import.meta.dirname, 'licences', `${licence}.txt`);
  if (!existsSync(path)) {
    throw new Error(`${title} brings no text of its licence, and ${path} does not exist.`);
  }
  return readFileSync(path, 'utf8').trim();
}
