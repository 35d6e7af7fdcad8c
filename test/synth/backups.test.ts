// I139: with backup=daily or weekly everything that holds what cannot be read again is in the plan, and AWS Backup may touch
// that and no other store.
import { describe, expect, test } from 'vitest';
import { SettingsError } from '../../lib/settings/settings.ts';
import { deploy } from './privileges/deployed.ts';
import { Resolver } from './privileges/resolve.ts';
import { grants, isAllowed } from './privileges/simulate.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const propertiesOf = (context: Context, type: string) =>
  resourcesOf(synthesize(context), type).map(([, { Properties }]) => Properties);

function backedUp(context: Context): string[] {
  const resolver = new Resolver(resourcesOf(synthesize(context)));
  const [selection] = propertiesOf(context, 'AWS::Backup::BackupSelection');
  const { BackupSelection } = selection as { BackupSelection: { Resources: unknown[] } };
  return BackupSelection.Resources.map((one) => resolver.text(one));
}

function roleOf(context: Context) {
  const role = deploy(context).roles.find(({ id }) => id.startsWith('BackupsRole'));
  if (!role) throw new Error('There is no role of backups.');
  return role;
}

test('nothing of AWS Backup without the setting', () => {
  const types = resourcesOf(synthesize({})).map(([, { Type }]) => Type);
  expect(types.filter((type) => type.startsWith('AWS::Backup::'))).toEqual([]);
});

test.for([
  ['daily', {}, 'cron(0 1 * * ? *)', 90],
  ['weekly', { backupDays: 400 }, 'cron(0 1 ? * SUN *)', 400],
] as const)('%s, and kept as long as the settings say', ([backup, more, schedule, days]) => {
  const [plan] = propertiesOf({ backup, ...more }, 'AWS::Backup::BackupPlan');
  expect(plan).toMatchObject({
    BackupPlan: {
      BackupPlanRule: [{ ScheduleExpression: schedule, Lifecycle: { DeleteAfterDays: days } }],
    },
  });
});

test("what AWS Backup begins by its start window is clear of RDS's own windows and of the hour before them", () => {
  const [plan] = propertiesOf({ backup: 'weekly' }, 'AWS::Backup::BackupPlan');
  const { BackupPlan } = plan as {
    BackupPlan: { BackupPlanRule: { StartWindowMinutes: number }[] };
  };
  const begun = 60 + (BackupPlan.BackupPlanRule[0]?.StartWindowMinutes ?? 0);
  expect(begun).toBeGreaterThan(2 * 60);
  const [database = {}] = propertiesOf({ backup: 'weekly' }, 'AWS::RDS::DBInstance');
  const windows = [database.PreferredBackupWindow, database.PreferredMaintenanceWindow];
  for (const window of windows) {
    const [hours, minutes] = String(window).match(/\d+/g) ?? [];
    expect(begun).toBeLessThanOrEqual(Number(hours) * 60 + Number(minutes) - 60);
  }
});

describe.for([
  ['everything by choice', [/:table\/aggregatestable\w*$/i, /:db:databaserdsinstance\w*$/i], 1],
  [
    'stores of an earlier stack, alarms to a topic that is there',
    [/:table\/earlier-aggregates$/, /:db:databaserdsinstance\w*$/i],
    0,
  ],
] as const)('%s', ([name, stores, vaults]) => {
  const context = VARIANTS[name] ?? {};

  test('table and database are in the plan', () => {
    const found = backedUp(context);
    expect(found).toHaveLength(stores.length);
    for (const [index, pattern] of stores.entries()) expect(found[index]).toMatch(pattern);
    expect(propertiesOf(context, 'AWS::Backup::BackupVault')).toHaveLength(vaults);
  });

  test('its role may back up these, and no other store', async () => {
    const { statements, managed } = roleOf(context);
    expect(managed).toEqual([]);
    const [table = '', database = ''] = backedUp(context);
    const may = (action: string, resource: string) => isAllowed(statements, { action, resource });
    expect(await may('dynamodb:CreateBackup', table)).toBe(true);
    expect(await may('rds:CreateDBSnapshot', database)).toBe(true);
    expect(await may('dynamodb:CreateBackup', `${table}x`)).toBe(false);
    expect(await may('rds:CreateDBSnapshot', `${database}x`)).toBe(false);
    const snapshot = database.replace(/:db:.*$/, ':snapshot:');
    expect(await may('rds:DeleteDBSnapshot', `${snapshot}awsbackup:job-1`)).toBe(true);
    expect(await may('rds:DeleteDBSnapshot', `${snapshot}by-hand`)).toBe(false);
    const actions = grants(statements).map(({ action }) => action);
    expect(actions.filter((action) => /:(Delete|Restore)(Table|DBInstance)/.test(action))).toEqual(
      [],
    );
  });

  test('a backup that fails is told to whoever gets the alarms', () => {
    const rules = propertiesOf(context, 'AWS::Events::Rule');
    const [rule] = rules.filter(({ Description }) => Description === 'AWS Backup kept nothing');
    const resolver = new Resolver(resourcesOf(synthesize(context)));
    expect(resolver.resolve(rule?.EventPattern)).toMatchObject({
      source: ['aws.backup'],
      detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'], resourceArn: backedUp(context) },
    });
    expect(JSON.stringify(rule?.Targets)).toMatch(/AlarmTopic|:on-call/);
  });
});

test("the keys of DynamoDB's backups are used through DynamoDB in any partition", () => {
  const policies = JSON.stringify(propertiesOf({ backup: 'daily' }, 'AWS::IAM::Policy'));
  const [via, ...others] = policies.match(/"kms:ViaService":\{[^\]]*\]/g) ?? [];
  expect(others).toEqual([]);
  expect(via).toMatch(/"dynamodb\.",\{"Ref":"AWS::Region"\},"\.",\{"Ref":"AWS::URLSuffix"\}/);
});

test('an existing database is backed up by whoever owns it', () => {
  const context = { ...VARIANTS['existing database'], backup: 'daily' };
  expect(backedUp(context)).toHaveLength(1);
  const { statements } = roleOf(context);
  expect(grants(statements).filter(({ action }) => action.startsWith('rds:'))).toEqual([]);
});

test('stores of other names are another selection, since one is never changed', () => {
  const idOf = (context: Context) =>
    resourcesOf(
      synthesize({ backup: 'daily', ...context }),
      'AWS::Backup::BackupSelection',
    )[0]?.[0];
  expect(idOf({ databaseName: 'outcomes' })).not.toBe(idOf({}));
  expect(idOf({ aggregatesTable: 'restored' })).not.toBe(idOf({}));
  expect(idOf({ topN: 7 })).toBe(idOf({}));
});

test('what belongs to backups that nobody makes is refused', () => {
  const synth = () => synthesize({ backupVault: 'central' });
  expect(synth).toThrow(SettingsError);
  expect(synth).toThrow(
    'Setting backupVault cannot be used here: it belongs to backup=daily or weekly.',
  );
});
