// I134: keys of the account's own: what is under them, and that the functions use them through the stores alone.
import { expect, test } from 'vitest';
import { deploy } from './privileges/deployed.ts';
import { grants, isAllowed } from './privileges/simulate.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, keyArn, VARIANTS } from './variants.ts';

const KEYS = VARIANTS['keys of the account, one of them an earlier one'] ?? {};
const [NOW, BEFORE, OF_DATABASE] = [keyArn('now'), keyArn('before'), keyArn('database')];
const propertiesOf = (context: Context, type: string) =>
  resourcesOf(synthesize(context), type).map(([, { Properties }]) => Properties);

test('table, documents and every log group are under the first key', () => {
  expect(propertiesOf(KEYS, 'AWS::DynamoDB::Table')).toMatchObject([
    { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: NOW } },
  ]);
  const buckets = resourcesOf(synthesize(KEYS), 'AWS::S3::Bucket');
  const keyOf = (prefix: string) =>
    buckets
      .filter(([id]) => id.startsWith(prefix))
      .map(([, { Properties }]) => /arn:aws:kms:[^"]+/.exec(JSON.stringify(Properties))?.[0]);
  expect(keyOf('DocumentsBucket')).toEqual([NOW]);
  expect(keyOf('DocumentsAccessLogs')).toEqual([undefined]);
  const logs = propertiesOf({ ...KEYS, cluster: 'provisioned' }, 'AWS::Logs::LogGroup');
  expect(logs.length).toBeGreaterThan(7);
  expect(logs.map(({ KmsKeyId }) => KmsKeyId)).toEqual(logs.map(() => NOW));
});

test('a new database is under its own, with its secret and its figures', () => {
  expect(propertiesOf(KEYS, 'AWS::RDS::DBInstance')).toMatchObject([
    {
      ...{ StorageEncrypted: true, KmsKeyId: OF_DATABASE },
      PerformanceInsightsKMSKeyId: OF_DATABASE,
      MasterUserSecret: { KmsKeyId: OF_DATABASE },
    },
  ]);
});

test('without the settings nothing names a key', () => {
  expect(JSON.stringify(synthesize({}).toJSON())).not.toMatch(/kms/i);
});

test('the functions use a key through DynamoDB and S3 alone, and write under the first one alone', async () => {
  const { functions } = deploy(KEYS);
  const may = (statements: (typeof functions)[number]['role']['statements'], request: object) =>
    isAllowed(statements, { action: 'kms:Decrypt', resource: NOW, ...request });
  const names: string[] = [];
  for (const { name, role } of functions) {
    const [s3, dynamodb] = ['s3', 'dynamodb'].map((one) => `${one}.eu-west-1.amazonaws.com`);
    expect([name, await may(role.statements, {})]).toEqual([name, false]);
    const action = 'kms:GenerateDataKey';
    for (const via of [s3, dynamodb]) {
      expect(await may(role.statements, { action, resource: BEFORE, via })).toBe(false);
    }
    if (await may(role.statements, { resource: BEFORE, via: s3 })) names.push(name);
    expect(await may(role.statements, { resource: BEFORE, via: dynamodb })).toBe(false);
  }
  expect(names.sort()).toEqual(['materialize-reports', 'operate-stores', 'serve-api']);
});

test('stores that are taken up keep their key, which the functions may use', () => {
  const context = {
    ...EXISTING_CLUSTER,
    ...{ aggregatesTable: 'earlier', documentsBucket: 'earlier', kmsKeyArns: NOW },
  };
  const actions = deploy(context).functions.flatMap(({ role }) => grants(role.statements));
  expect(actions.filter(({ resource }) => resource === NOW).length).toBeGreaterThan(10);
});
