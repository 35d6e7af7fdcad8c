// The environment that the template gives, against what the bundles ask for when they start: nothing
// that is needed is missing, nothing is set that nobody reads.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { ENV, FUNCTIONS, type FunctionName } from '../../functions/contracts.ts';
import { resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const OURS: readonly string[] = Object.values(ENV);

const DELETION = [ENV.allowDelete, ENV.deleteGroup];
/** Without them the columns are called as in the original's tables. */
const COLUMNS = [ENV.ordersColumns, ENV.orderItemsColumns];
/** May be left out, as the variant has no use for it: what each means is in contracts.ts. */
const LEFT_OUT: Record<string, readonly string[]> = {
  'new cluster': [
    ...[ENV.dbPassword, ENV.dbSecretArn, ENV.dbSessionSettings, ENV.corsOrigins],
    ...[...DELETION, ...COLUMNS],
  ],
  'tables of other names and forms': [
    ...[ENV.dbPassword, ENV.dbSecretArn, ENV.dbSessionSettings, ENV.corsOrigins, ...DELETION],
  ],
  'everything by choice': [
    ...[ENV.dbPassword, ENV.dbSecretArn, ENV.dbSessionSettings, ENV.deleteGroup],
    ...COLUMNS,
  ],
  'cognito, with deletion': [
    ...[ENV.dbPassword, ENV.dbSecretArn, ENV.dbSessionSettings, ENV.corsOrigins, ...COLUMNS],
  ],
  'existing database': [
    ...[ENV.dbPassword, ENV.dbSecretArn, ENV.dbSessionSettings, ENV.corsOrigins, ...DELETION],
    ...[ENV.dbAdminSecretArn, ENV.dbReaderUser, ...COLUMNS],
  ],
  'existing database with passwords': [
    ...[
      ENV.dbPassword,
      ENV.dbIamAuth,
      ENV.dbUser,
      ENV.dbSessionSettings,
      ENV.corsOrigins,
      ...DELETION,
    ],
    ...[ENV.dbAdminSecretArn, ENV.dbReaderUser, ...COLUMNS],
  ],
  localstack: [
    ...[
      ENV.dbPassword,
      ENV.dbIamAuth,
      ENV.dbUser,
      ENV.dbSessionSettings,
      ENV.corsOrigins,
      ...DELETION,
    ],
    ...[ENV.dbAdminSecretArn, ENV.dbReaderUser, ...COLUMNS],
  ],
};

const LOAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const asked = new Set();
  process.env = new Proxy(workerData.environment, {
    get(variables, name) {
      asked.add(name);
      return variables[name];
    },
  });
  import(workerData.bundle).then(
    (module) => parentPort.postMessage({ asked: [...asked], handlers: Object.keys(module) }),
    (error) => parentPort.postMessage({ error: error.message }),
  );
`;

interface Loaded {
  readonly asked?: readonly string[];
  readonly handlers?: readonly string[];
  readonly error?: string;
}

async function load(name: FunctionName, environment: Record<string, string>): Promise<Loaded> {
  const bundle = pathToFileURL(join(DIST, name, 'index.mjs')).href;
  const worker = new Worker(LOAD, { eval: true, workerData: { environment, bundle } });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}

/** What only a deployment knows, a name or an address, stands as a word. */
function environmentOf(variant: string, name: FunctionName): Record<string, string> {
  const functions = resourcesOf(synthesize(VARIANTS[variant] ?? {}), 'AWS::Lambda::Function');
  const found = functions.find(
    ([, { Properties }]) => Properties.FunctionName === `analytics-service-${name}`,
  );
  expect(found).toBeDefined();
  const { Variables } = (found?.[1].Properties.Environment ?? {}) as { Variables?: object };
  return Object.fromEntries(
    Object.entries(Variables ?? {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : 'deployed',
    ]),
  );
}

const cases = Object.keys(LEFT_OUT).flatMap((variant) =>
  FUNCTIONS.map((name) => ({ variant, name })),
);

test.for(cases)(
  '$variant: $name starts with what it is given, and reads all of it',
  async ({ variant, name }) => {
    const environment = environmentOf(variant, name);
    // Lambda says it itself.
    const { asked = [], error } = await load(name, { AWS_REGION: 'eu-west-1', ...environment });
    expect(error).toBeUndefined();
    const given = OURS.filter((key) => key in environment);
    const read = OURS.filter((key) => asked.includes(key));
    expect(given.filter((key) => !read.includes(key))).toEqual([]);
    const missing = read.filter((key) => !given.includes(key));
    expect(missing.filter((key) => !LEFT_OUT[variant]?.includes(key))).toEqual([]);
  },
);

test('a function that lacks what it needs says so when it starts', async () => {
  const { S3_BUCKET: _, ...environment } = environmentOf('new cluster', 'aggregate-orders');
  const { error } = await load('aggregate-orders', environment);
  expect(error).toBe('The environment variable S3_BUCKET is not set.');
});

test.for(FUNCTIONS)('%s writes its metrics under the name of the stack', (name) => {
  expect(environmentOf('new cluster', name)).toMatchObject({
    [ENV.metricsNamespace]: 'analytics-service',
  });
});
