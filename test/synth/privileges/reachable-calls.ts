// The AWS calls that a function's source can make: the commands in the modules that its handler imports,
// and of the table only those behind the methods that are called. The recording must have seen each.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FunctionName } from '../../../functions/contracts.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TABLE_STORE = 'functions/orders/table/table-store.ts';
const SERVICES: Readonly<Record<string, string>> = {
  'client-dynamodb': 'dynamodb',
  'client-s3': 's3',
  'client-secrets-manager': 'secretsmanager',
};
/** Signs and parses, but sends nothing. */
const SILENT = ['rds-signer'];

/** What each method of the table sends. */
export const TABLE_CALLS: Readonly<Record<string, string>> = {
  get: 'dynamodb:BatchGetItem',
  getMany: 'dynamodb:BatchGetItem',
  put: 'dynamodb:PutItem',
  deleteMany: 'dynamodb:BatchWriteItem',
  query: 'dynamodb:Query',
  scan: 'dynamodb:Scan',
};

export const tableStore = () => read(TABLE_STORE);

export function reachableCalls(functionName: FunctionName): Set<string> {
  const modules = reach(`functions/handlers/${functionName}.ts`, new Set());
  return new Set([...modules].flatMap((path) => callsIn(path, read(path))));
}

const STATIC_IMPORT = /^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+\.ts)'/gms;
/** Of what is loaded when it is needed first. */
const LATE_IMPORT = /\bimport\(\s*'(\.[^']+\.ts)'/g;
const SDK_IMPORT = /^import (?!type\b)([^;]*?) from '@aws-sdk\/([\w-]+)'/gms;
const LATE_SDK_IMPORT = /\{([^{}]*)\} = await import\(\s*'@aws-sdk\/([\w-]+)'/g;

/** Imports of types alone bring no code. */
function reach(path: string, found: Set<string>): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = read(path);
  const imports = [...text.matchAll(STATIC_IMPORT), ...text.matchAll(LATE_IMPORT)];
  for (const [, from = ''] of imports) reach(relative(ROOT, join(ROOT, path, '..', from)), found);
  return found;
}

function callsIn(path: string, text: string): string[] {
  const ofTable = [...text.matchAll(/\btable\.(\w+)\(/g)].map(([, method = '']) => {
    const call = TABLE_CALLS[method];
    if (!call) throw new TypeError(`${path} calls the table's ${method}, which is not known here.`);
    return call;
  });
  return path === TABLE_STORE ? ofTable : [...ofTable, ...commandsIn(text)];
}

/** `new GetObjectCommand(` with the client that it was imported from. */
export function commandsIn(text: string): string[] {
  const clients = [...text.matchAll(SDK_IMPORT), ...text.matchAll(LATE_SDK_IMPORT)];
  return clients.flatMap(([, names = '', client = '']) => {
    if (SILENT.includes(client)) return [];
    const service = SERVICES[client];
    if (!service) throw new TypeError(`@aws-sdk/${client} is not known here.`);
    const commands = names.match(/\b\w+(?=Command\b)/g) ?? [];
    return commands
      .filter((command) => text.includes(`new ${command}Command(`))
      .map((command) => `${service}:${command}`);
  });
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
