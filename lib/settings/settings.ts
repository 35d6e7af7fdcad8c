// The CDK context → the settings of the stack, or one line that names the setting and what was allowed.
// What would fail only in the middle of a deployment is refused here.
import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ApiSettings, readApi } from './api-settings.ts';
import { closestTo } from './closest-name.ts';
import {
  CONTEXT_KEYS,
  type ContextKey,
  type ContextValues,
  contextSchema,
} from './context-keys.ts';
import { findContradiction } from './contradictions.ts';
import { type DatabaseSettings, readDatabase } from './database-settings.ts';
import { type MappingSettings, readMapping } from './mapping-settings.ts';
import {
  type NetworkSettings,
  readNetwork,
  readSource,
  readTopics,
  type SourceSettings,
  type TopicSettings,
} from './source-settings.ts';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export interface Settings {
  /** Those that stand for themselves; the others are in their groups. */
  readonly values: ContextValues;
  readonly source: SourceSettings;
  readonly topics: TopicSettings;
  readonly network: NetworkSettings;
  readonly mapping: MappingSettings;
  readonly database: DatabaseSettings;
  readonly api: ApiSettings;
  readonly documents: Pick<ContextValues, 'reportPrefix' | 'reportDays' | 'quarantineDays'>;
  readonly flushInterval: Duration;
  readonly logRetention: RetentionDays;
}

/** The stage is a set of settings: what LocalStack's free edition lacks is left out. */
const STAGE_VALUES: Record<ContextValues['stage'], Partial<ContextValues>> = {
  aws: {},
  localstack: {
    cluster: 'none',
    database: 'existing',
    databaseTls: 'disable',
    apiAuth: 'none',
  },
};

/** @throws {SettingsError} */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  refuseUnknownNames(context);
  const values = readValues(context);
  const contradiction = findContradiction(values);
  if (contradiction) throw new SettingsError(contradiction);
  return {
    values,
    source: readSource(values),
    topics: readTopics(values),
    network: readNetwork(values),
    mapping: readMapping(values),
    database: readDatabase(values),
    api: readApi(values),
    documents: values,
    flushInterval: Duration.minutes(values.flushInterval / 60),
    logRetention: Number(values.logDays) as RetentionDays,
  };
}

function refuseUnknownNames(context: Readonly<Record<string, unknown>>): void {
  // The CDK keeps its own flags and lookups in the same place: all have a / or a : in their name.
  const ours = Object.keys(context).filter((name) => !/[/:]/.test(name));
  const unknown = ours.find((name) => !CONTEXT_KEYS.includes(name as ContextKey));
  if (unknown === undefined) return;
  const close = closestTo(unknown, CONTEXT_KEYS);
  const hint = close ? ` Did you mean ${close}?` : ' docs/deploy.md lists them.';
  throw new SettingsError(`There is no setting ${JSON.stringify(unknown)}.${hint}`);
}

function readValues(context: Readonly<Record<string, unknown>>): ContextValues {
  const given = Object.fromEntries(
    CONTEXT_KEYS.filter((key) => context[key] !== undefined && context[key] !== '').map((key) => [
      key,
      context[key],
    ]),
  );
  const stage = given.stage === 'localstack' ? 'localstack' : 'aws';
  const result = contextSchema.safeParse({ ...STAGE_VALUES[stage], ...given });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0]);
  throw new SettingsError(
    `Setting ${name} is ${JSON.stringify(given[name])}: ${issue?.message ?? 'it cannot be read'}.`,
  );
}
