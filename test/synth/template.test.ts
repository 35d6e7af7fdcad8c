// Questions to the template of every variant, that nobody should have to ask twice.
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const EVERYONE = ['0.0.0.0/0', '::/0'];

const templates = Object.entries(VARIANTS).map(([name, context]) => ({
  name,
  template: synthesize(context),
}));
const text = (value: unknown) => JSON.stringify(value);
describe.for(templates)('$name', ({ template }) => {
  const all = resourcesOf(template);
  const ofType = (type: string) => all.filter(([, { Type }]) => Type === type);

  test('the table is billed by use, can be put back to any moment, and forgets tombstones', () => {
    for (const [, { Properties }] of ofType('AWS::DynamoDB::Table')) {
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { Enabled: true },
      });
    }
  });

  test('nothing is open to everyone', () => {
    const internet = ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::Lambda::Url'];
    expect(all.filter(([, { Type }]) => internet.includes(Type))).toEqual([]);
    const ingress = [
      ...ofType('AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => Properties),
      ...ofType('AWS::EC2::SecurityGroup').flatMap(
        ([, { Properties }]) => (Properties.SecurityGroupIngress ?? []) as object[],
      ),
    ];
    expect(ingress.filter((rule) => EVERYONE.some((range) => text(rule).includes(range)))).toEqual(
      [],
    );
    for (const [, { Properties }] of ofType('AWS::S3::Bucket')) {
      const blocked = Object.values((Properties.PublicAccessBlockConfiguration ?? {}) as object);
      expect(blocked).toEqual([true, true, true, true]);
    }
    for (const [, { Properties }] of ofType('AWS::EC2::Subnet'))
      expect(Properties.MapPublicIpOnLaunch).toBe(false);
    for (const [, { Properties }] of ofType('AWS::Lambda::Permission')) {
      expect(Properties.Principal).not.toBe('*');
      expect(Properties.SourceArn ?? Properties.SourceAccount).toBeDefined();
    }
  });

  test('buckets and topics refuse what comes without TLS', () => {
    const refusing = [...ofType('AWS::S3::BucketPolicy'), ...ofType('AWS::SNS::TopicPolicy')];
    expect(refusing.length).toBeGreaterThanOrEqual(ofType('AWS::S3::Bucket').length);
    for (const [, { Properties }] of refusing) {
      expect(text(Properties.PolicyDocument)).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe.for(templates)('$name', ({ template }) => {
  const all = resourcesOf(template);
  const ofType = (type: string) => all.filter(([, { Type }]) => Type === type);

  test('each function runs its bundle on ARM with the newest Node.js, and keeps its log for a time', () => {
    const own = ofType('AWS::Lambda::Function').filter(([id]) => id.startsWith('Functions'));
    expect(own.map(([, { Properties }]) => Properties.FunctionName).sort()).toEqual(
      FUNCTIONS.map((name) => `analytics-service-${name}`).sort(),
    );
    for (const [, { Properties }] of own) {
      expect(Properties).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: expect.stringMatching(/^index\.(handler|streamHandler)$/),
        Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
        LoggingConfig: { LogGroup: expect.anything() },
      });
    }
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(30);
  });

  test('no secret stands in the template', () => {
    const found = text(all).match(/DB_PASSWORD|"MasterUserPassword"|\{\{resolve:secretsmanager/g);
    expect(found).toBeNull();
  });

  test('each topic is read in a consumer group of its own; what may be given up goes to S3', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties,
    );
    const groups = mappings.map((mapping) => text(mapping.AmazonManagedKafkaEventSourceConfig));
    expect(new Set(groups).size).toBe(mappings.length);
    for (const mapping of mappings) {
      expect(mapping.Topics).toHaveLength(1);
      const limits = [mapping.MaximumRetryAttempts, mapping.MaximumRecordAgeInSeconds];
      const isLimited = limits.some((limit) => limit !== undefined);
      if (isLimited) {
        expect(text(mapping.DestinationConfig)).toMatch(
          /"OnFailure".*(DocumentsBucket|earlier-documents)/,
        );
      } else {
        // With one Lambda would give up by itself.
        expect(mapping.DestinationConfig).toBeUndefined();
      }
    }
  });
});
