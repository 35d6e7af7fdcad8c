// I145: the deployments that the pages show are made as they stand, and lack nothing in a VPC without a way to the internet.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTEXT_KEYS } from '../../lib/settings/context-keys.ts';
import { commandsOf } from '../documentation/documented-commands.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER } from './variants.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))];
const pages = PAGES.filter((file) => file.endsWith('.md')).map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
}));
const OPTION = /-c (\w+)=(\S+)/g;

/** What a reader puts in the place of dots. */
const FILLED: Readonly<Record<string, string>> = {
  ...EXISTING_CLUSTER,
  routeTableIds: 'rtb-0123456789abcdef0',
};

const deployments = pages
  .flatMap(({ file, text }) => commandsOf(file, text))
  .filter(({ command }) => /^npm run deploy -- +-c /.test(command))
  .map(({ file, command }) => ({
    file,
    context: Object.fromEntries(
      [...command.matchAll(OPTION)].map(([, name = '', value = '']) => [
        name,
        value.includes('…')
          ? (FILLED[name] ?? expect.fail(`${name} is left to the reader.`))
          : value,
      ]),
    ),
  }));

/** Of AWS: what those that stand in the VPC speak to. */
const endpointsOf = (context: Context) =>
  resourcesOf(synthesize(context), 'AWS::EC2::VPCEndpoint')
    .map(([, { Properties }]) => JSON.stringify(Properties.ServiceName))
    .map((name) => /(s3|dynamodb|lambda|sts|secretsmanager)"?\]*\}?$/.exec(name)?.[1])
    .sort();

test('there are some', () => {
  expect(deployments.map(({ file }) => file)).toEqual(['README.md', 'docs/deploy.md']);
});

test.for(deployments)('of $file', ({ context }) => {
  const needed = endpointsOf({});
  expect(needed).toEqual(['dynamodb', 'lambda', 's3', 'secretsmanager', 'sts']);
  expect(endpointsOf(context)).toEqual(needed);
});

test('each setting that a page gives is there', () => {
  const known = [...CONTEXT_KEYS, 'settingsFile', 'name'];
  const given = pages.flatMap(({ text }) =>
    [...text.matchAll(OPTION)].map(([, name = '']) => name),
  );
  expect(given.length).toBeGreaterThan(20);
  expect(given.filter((name) => !known.includes(name))).toEqual([]);
});
