// What CloudFormation says of the resource types in use: which properties make a change a replacement, and
// which name a resource. `npm run lint:templates` writes it from the schemas that cfn-lint carries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ResourceSchema {
  /** Paths such as `BrokerNodeGroupInfo/ClientSubnets`. */
  readonly createOnly: readonly string[];
  readonly identifiedBy: readonly string[];
}

export const SCHEMA_FILE = join(
  import.meta.dirname,
  '..',
  'fixtures',
  'cloudformation-schemas.json',
);

export function readSchemas(): Readonly<Record<string, ResourceSchema>> {
  return JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'));
}
