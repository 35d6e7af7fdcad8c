// What a function's own code needs: its recorded calls, said in the names of a deployment's environment,
// as the actions and resources that IAM asks for.
import { ENV } from '../../../functions/contracts.ts';
import type { Deployed, DeployedFunction, Keys } from './deployed.ts';
import { NAMES } from './drive.ts';
import type { Call } from './recorder.ts';
import { arn, REGION } from './resolve.ts';
import type { Need } from './simulate.ts';

/** What of a key is known beforehand; the rest is a record's position or the time of a run. */
const QUARANTINE_OF_TOPIC = /^\/quarantine\/([^/]+)\//;

/** The operators' function takes objects of whichever topic. */
const KEPT = /^\/(quarantine|aws\/lambda|redriven)\//;
const OPERATOR = 'operate-stores';

/** A deployment uses one way to log on; the calls of the others need nothing. */
const LOGONS: readonly string[] = [ENV.dbSecretArn, ENV.dbAdminSecretArn];

export function codeNeeds(
  { name, environment }: DeployedFunction,
  { databases, topics, keys }: Deployed,
  calls: readonly Call[],
): Need[] {
  const own = calls.filter(({ functionName }) => functionName === name);
  return [
    ...own
      .flatMap((call) => inTopics(call, topics))
      .flatMap((call) => {
        const needs = needsOf(call, environment);
        return [...needs, ...needs.flatMap((need) => keyNeeds(need, keys))];
      }),
    ...logonNeeds(environment, databases),
  ];
}

function inTopics(call: Call, topics: Deployed['topics']): Call[] {
  const [prefix, recorded] = QUARANTINE_OF_TOPIC.exec(call.path) ?? [];
  if (!prefix || !recorded || call.functionName === OPERATOR) return [call];
  const named = topics.get(recorded);
  if (!named) throw new TypeError(`${call.operation} on ${call.path}, whose topic is not known.`);
  const rest = call.path.slice(prefix.length);
  return named.map((topic) => ({ ...call, path: `/quarantine/${topic}/${rest}` }));
}

function needsOf(call: Call, environment: Readonly<Record<string, string>>): Need[] {
  const { functionName, operation, target, path, status } = call;
  const variable = Object.keys(NAMES).find((name) => NAMES[name]?.includes(target));
  if (!variable) throw new TypeError(`${operation} on ${target}, which no variable names.`);
  const name = environment[variable];
  if (!name && LOGONS.includes(variable)) return [];
  if (!name) throw new TypeError(`${operation} needs ${variable}, which is not set.`);
  switch (variable) {
    case ENV.aggregatesTable:
      return [{ action: operation, resource: arn('dynamodb', `table/${name}${path}`) }];
    case ENV.bucket:
      return objectNeeds(
        { functionName, operation, path, status },
        `arn:aws:s3:::${name}`,
        environment,
      );
    default:
      return [{ action: operation, resource: name }];
  }
}

/**
 * ListObjectsV2 is allowed by s3:ListBucket. That an object is not there, S3 tells only those who may list the
 * bucket; others are told that they may not ask, which the API could not tell from a fault.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function objectNeeds(
  { functionName, operation, path, status }: Omit<Call, 'target'>,
  bucket: string,
  environment: Readonly<Record<string, string>>,
): Need[] {
  if (operation === 's3:ListObjectsV2') return [{ action: 's3:ListBucket', resource: bucket }];
  const reports = `/${environment[ENV.reportPrefix]}/`;
  const kept = functionName === OPERATOR ? KEPT : QUARANTINE_OF_TOPIC;
  const prefix = path.startsWith(reports) ? reports : kept.exec(path)?.[0];
  const within = prefix ? `${bucket}${prefix}*` : `${bucket}${path}`;
  const object = { action: operation, resource: `${bucket}${path}`, within };
  return status === 404 ? [object, { action: 's3:ListBucket', resource: bucket }] : [object];
}

/**
 * What a service asks of a key in the name of its caller, who therefore must be allowed it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
function keyNeeds({ action, resource }: Need, { stores, database }: Keys): Need[] {
  const [service = ''] = action.split(':');
  const need = (name: string, key: string): Need => ({
    ...{ action: `kms:${name}`, resource: key },
    via: `${service}.${REGION}.amazonaws.com`,
  });
  const writing = stores.slice(0, 1);
  if (service === 'dynamodb') {
    const names = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'];
    return writing.flatMap((key) => names.map((name) => need(name, key)));
  }
  if (action === 's3:GetObject') return stores.map((key) => need('Decrypt', key));
  if (action === 's3:PutObject') return writing.map((key) => need('GenerateDataKey', key));
  if (/:secret:rds!/.test(resource) && database) return [need('Decrypt', database)];
  return [];
}

/**
 * A token is signed without any call; RDS asks IAM when it comes.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 */
function logonNeeds(
  environment: Readonly<Record<string, string>>,
  databases: Deployed['databases'],
): Need[] {
  if (environment[ENV.dbIamAuth] !== 'true') return [];
  const host = environment[ENV.dbHost] ?? '';
  const id = databases.get(host);
  if (!id) throw new TypeError(`No database of the deployment is at ${host}.`);
  const resource = arn('rds-db', `dbuser:${id}/${environment[ENV.dbUser]}`);
  return [{ action: 'rds-db:connect', resource }];
}
