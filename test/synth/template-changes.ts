// What CloudFormation would do with the second of two templates of one stack: which resources it replaces,
// and where that cannot work, since the new one is made before the old one goes.
import { Resolver } from './privileges/resolve.ts';
import { type ResourceSchema, readSchemas } from './resource-schemas.ts';
import type { Resource } from './synthesize.ts';

type Resources = ReadonlyMap<string, Resource>;

export interface TemplateChange {
  /** Types of resources that are made anew, the old ones being deleted or kept. */
  readonly replaced: readonly string[];
  /** Sentences; none: the update works. */
  readonly problems: readonly string[];
}

/** Lambda says that these cannot be updated, CloudFormation tries it and says nothing. */
const NEVER_UPDATED: Readonly<Record<string, readonly string[]>> = {
  'AWS::Lambda::EventSourceMapping': [
    ...['Topics', 'AmazonManagedKafkaEventSourceConfig/ConsumerGroupId'],
  ],
};
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const SCHEMAS = readSchemas();

export function compareTemplates(before: Resources, after: Resources): TemplateChange {
  const replaced = new Set([...replacedOnes(before, after)]);
  const problems = [...after].flatMap(([id, resource]) => {
    const old = before.get(id);
    if (old && old.Type !== resource.Type) return [`${id} changes its type`];
    return [
      ...(old ? neverUpdated(id, old, resource) : []),
      ...(old && replaced.has(id) ? nameTaken(id, old, resource) : []),
      ...(old && !replaced.has(id) ? wrongBroker(id, old, resource) : []),
    ];
  });
  const types = [...replaced].map((id) => after.get(id)?.Type ?? '');
  return {
    replaced: [...new Set(types)].sort(),
    problems: [
      ...problems,
      ...sameNames(before, after, replaced),
      ...sameMappings(before, after, replaced),
    ],
  };
}

/** By a property that is set once, or by a reference to what is replaced in such a property. */
function replacedOnes(before: Resources, after: Resources): Set<string> {
  const replaced = new Set<string>();
  let found = -1;
  while (found !== replaced.size) {
    found = replaced.size;
    for (const [id, resource] of after) {
      const old = before.get(id);
      if (!old || replaced.has(id)) continue;
      const isReplaced = schemaOf(resource).createOnly.some((path) => {
        const value = at(resource, path);
        return !isSame(at(old, path), value) || namesIn(value).some((name) => replaced.has(name));
      });
      if (isReplaced) replaced.add(id);
    }
  }
  return replaced;
}

function schemaOf({ Type }: Resource): ResourceSchema {
  if (Type.startsWith('Custom::')) return { createOnly: [], identifiedBy: [] };
  const schema = SCHEMAS[Type];
  if (!schema) throw new Error(`${Type} has no schema: run npm run lint:templates.`);
  return schema;
}

function neverUpdated(id: string, old: Resource, resource: Resource): string[] {
  return (NEVER_UPDATED[resource.Type] ?? [])
    .filter((path) => !isSame(at(old, path), at(resource, path)))
    .map((path) => `${id}: ${path} stays as it was`);
}

/** Between the kinds of brokers there is no way. */
function wrongBroker(id: string, old: Resource, resource: Resource): string[] {
  if (resource.Type !== 'AWS::MSK::Cluster') return [];
  const isExpress = [old, resource].map((one) =>
    String(at(one, 'BrokerNodeGroupInfo/InstanceType')).startsWith('express.'),
  );
  return isExpress[0] === isExpress[1] ? [] : [`${id}: its brokers cannot become of another kind`];
}

function nameTaken(id: string, old: Resource, resource: Resource): string[] {
  const names = namesOf(resource);
  if (names.length === 0) return [];
  return isSame(names, namesOf(old)) ? [`${id}: its name is still taken by the one before`] : [];
}

/** What the template itself names; a name made of what is replaced is another one. */
function namesOf(resource: Resource): unknown[] {
  const { createOnly, identifiedBy } = schemaOf(resource);
  const named = [...identifiedBy, ...createOnly.filter((path) => path === 'ClusterName')];
  return [...new Set(named)].map((path) => at(resource, path)).filter(isGiven);
}

const isGiven = (name: unknown) =>
  name !== undefined && namesIn(name).every((one) => one.startsWith('AWS::'));

/** Another logical id, but the name of one that goes only afterwards. */
function sameNames(before: Resources, after: Resources, replaced: ReadonlySet<string>): string[] {
  const gone = [...before].filter(([id]) => !after.has(id) || replaced.has(id));
  return [...after]
    .filter(([id]) => !before.has(id))
    .flatMap(([id, resource]) => {
      const names = namesOf(resource);
      const twin = gone.find(
        ([, old]) => old.Type === resource.Type && names.length > 0 && isSame(namesOf(old), names),
      );
      return twin ? [`${id} has the name of ${twin[0]}`] : [];
    });
}

/** Lambda refuses a second mapping of one source, function and topic, and a second one in a group. */
function sameMappings(
  before: Resources,
  after: Resources,
  replaced: ReadonlySet<string>,
): string[] {
  const keysOf = (resources: Resources, ids: (id: string) => boolean) => {
    const resolver = new Resolver(resources);
    return [...resources]
      .filter(([id, { Type }]) => Type === MAPPING && ids(id))
      .flatMap(([, { Properties }]) => {
        const { EventSourceArn, FunctionName, Topics } = Properties;
        const group = at(
          { Type: MAPPING, Properties },
          'AmazonManagedKafkaEventSourceConfig/ConsumerGroupId',
        );
        const target = [EventSourceArn, FunctionName, Topics].map((one) => resolver.resolve(one));
        return [JSON.stringify(target), JSON.stringify([resolver.resolve(EventSourceArn), group])];
      });
  };
  const old = keysOf(before, (id) => !after.has(id) || replaced.has(id));
  const made = keysOf(after, (id) => !before.has(id) || replaced.has(id));
  return made.filter((key) => old.includes(key)).map((key) => `two mappings at once: ${key}`);
}

function at({ Properties }: Pick<Resource, 'Properties' | 'Type'>, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | undefined)?.[name],
      Properties,
    );
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, element]) => {
    if (key === 'Ref') return [String(element)];
    if (key === 'Fn::GetAtt') return [String((element as string[])[0])];
    return namesIn(element);
  });
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
