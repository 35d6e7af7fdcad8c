import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTEXT_KEYS } from '../../lib/settings/context-keys.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, VARIANTS } from './variants.ts';
import { WRONG } from './wrong-settings.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test.for(WRONG)('%s is named in one line', ([, context, message]) => {
  expect(() => readSettings(context)).toThrow(message);
});

test('express brokers in a new VPC, when the zones of the account are not known', () => {
  const synth = () => synthesize({ cluster: 'provisioned', brokerType: 'express.m7g.large' });
  expect(synth).toThrow(/^Setting brokerType is "express.m7g.large".+ only 2 are known/);
});

test.for(Object.entries(VARIANTS))('%s is accepted', ([, context]) => {
  expect(() => readSettings(context)).not.toThrow();
});

test('text, as `-c name=value` brings it, reads like the values of cdk.json', () => {
  const asText = readSettings({
    ...EXISTING_CLUSTER,
    waf: 'true',
    topN: '7',
    corsOrigins: 'http://a.b,http://c.d',
  });
  const asValues = readSettings({
    ...EXISTING_CLUSTER,
    ...{ waf: true, topN: 7, corsOrigins: ['http://a.b', 'http://c.d'] },
  });
  expect(asText).toEqual(asValues);
  expect(asText.values.corsOrigins).toEqual(['http://a.b', 'http://c.d']);
});

test('flags and lookups of the CDK itself are none of our settings', () => {
  expect(() =>
    readSettings({ '@aws-cdk/core:x': true, 'aws:cdk:y': [], 'vpc-provider:account=1': {} }),
  ).not.toThrow();
});

test('the app says it as one line on stderr and fails', () => {
  const run = () =>
    execFileSync(process.execPath, [join(ROOT, 'bin', 'app.ts')], {
      cwd: ROOT,
      stdio: 'pipe',
      env: { ...process.env, CDK_CONTEXT_JSON: '{"batchSize":"0"}' },
    });
  expect(run).toThrow(
    expect.objectContaining({
      status: 1,
      stderr: Buffer.from('Setting batchSize is "0": it must be a whole number from 1 to 10000.\n'),
    }),
  );
});

test('docs/deploy.md lists every setting, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');
  const [, table = ''] = /^## Settings\n([\s\S]+?)^## /m.exec(page) ?? [];
  const listed = table
    .split('\n')
    .flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
  expect(CONTEXT_KEYS.length).toBeGreaterThan(50);
  expect(listed.toSorted()).toEqual(CONTEXT_KEYS.toSorted());
});
