// checkov's findings in the templates, and every exception from them, with its reason, in one place. A finding without one
// fails npm run lint:templates, and so does an exception that no finding needs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { installPython } from './python-program.ts';

export const CHECKOV_VERSION = '3.3.30';

interface Exception {
  readonly check: `CKV_AWS_${number}`;
  /** Logical ids. */
  readonly at: RegExp;
  readonly reason: string;
}

const CDK_FUNCTIONS =
  /^(AWS679f53|AWSCDKTrigger|CustomCDKBucketDeployment|CustomVpcRestrict|LogRetention)/;
const KEY_OF_AWS = 'Encrypted with a key of AWS: one of KMS would cost a request for each use.';

const EXCEPTIONS: readonly Exception[] = [
  {
    check: 'CKV_AWS_111',
    at: /^Functions\w+RoleDefaultPolicy|^LogRetention/,
    reason: 'The wildcards of lib/nag-checks.ts: network interfaces, traces, the logs of RDS.',
  },
  {
    check: 'CKV_AWS_115',
    at: /^Functions(AggregateOrders|RecordOutcomes)Function/,
    reason: 'The partitions bound them; recorderConcurrency bounds the recorder further.',
  },
  {
    check: 'CKV_AWS_115',
    at: /^FunctionsOperateStoresFunction/,
    reason: 'Operators alone invoke it, by hand; stores and locks say who may go on.',
  },
  { check: 'CKV_AWS_115', at: CDK_FUNCTIONS, reason: 'They run during a deployment alone.' },
  {
    check: 'CKV_AWS_116',
    at: /^Functions\w+Function/,
    reason:
      'Kafka keeps what failed, callers are told, and the next run of a schedule does what one has left; alarms tell of each.',
  },
  { check: 'CKV_AWS_116', at: CDK_FUNCTIONS, reason: 'The deployment fails with them.' },
  {
    check: 'CKV_AWS_117',
    at: /^Functions\w+Function/,
    reason:
      'Those that speak to PostgreSQL are in the VPC; the others need nothing of it (nor has LocalStack one).',
  },
  { check: 'CKV_AWS_117', at: CDK_FUNCTIONS, reason: 'They speak to AWS alone.' },
  {
    check: 'CKV_AWS_118',
    at: /^DatabaseRdsInstance/,
    reason: 'Alarms and Database Insights tell what the processes of the operating system would.',
  },
  { check: 'CKV_AWS_119', at: /^AggregatesTable/, reason: KEY_OF_AWS },
  {
    check: 'CKV_AWS_120',
    at: /^QueryApiDeploymentStage/,
    reason: 'Answers are one read or a bounded query, and have ETags; a cache costs by the hour.',
  },
  {
    check: 'CKV_AWS_157',
    at: /^DatabaseRdsInstance/,
    reason:
      'databaseMultiAz=true makes it: it doubles the price, and Kafka keeps what comes meanwhile.',
  },
  { check: 'CKV_AWS_158', at: /./, reason: KEY_OF_AWS },
  {
    check: 'CKV_AWS_173',
    at: /^Functions\w+Function|^CustomCDKBucketDeployment/,
    reason: 'Names and numbers: no secret is in a variable (test/synth/template.test.ts).',
  },
  {
    check: 'CKV_AWS_174',
    at: /^ConsoleDistribution/,
    reason: 'CloudFront chooses the TLS of its own names: consoleDomainName sets TLS 1.2 at least.',
  },
  {
    check: 'CKV_AWS_18',
    at: /^(ConsoleFiles|DocumentsAccessLogs)/,
    reason: 'Files that are the same for everybody; and the logs themselves.',
  },
  {
    check: 'CKV_AWS_21',
    at: /^(ConsoleFiles|DocumentsAccessLogs)/,
    reason: 'The files are made again from the source; a line of a log is written once.',
  },
  { check: 'CKV_AWS_166', at: /^BackupsVault/, reason: KEY_OF_AWS },
  { check: 'CKV_AWS_26', at: /^MonitoringAlarmTopic/, reason: 'lib/monitoring/alarm-topic.ts.' },
  {
    check: 'CKV_AWS_59',
    at: /^QueryApi/,
    reason: 'An API without authorisation was asked for by name (apiAuth=none).',
  },
  {
    check: 'CKV_AWS_68',
    at: /^ConsoleDistribution/,
    reason: 'The page holds no data: waf=true puts a firewall before the API behind it.',
  },
  { check: 'CKV_AWS_73', at: /^QueryApiDeploymentStage/, reason: 'tracing=true makes it.' },
  {
    check: 'CKV_AWS_76',
    at: /^QueryApiDeploymentStage/,
    reason:
      'accountLogRole says whether the account has a role for it, which may be another team’s.',
  },
  {
    check: 'CKV_AWS_86',
    at: /^ConsoleDistribution/,
    reason: 'Who asks for data stands in the log of the API.',
  },
];

interface Finding {
  readonly check_id: string;
  readonly check_name: string;
  /** Type and logical id. */
  readonly resource: string;
  readonly file_path: string;
}

/** @throws {Error} with what no exception explains, or which exceptions explain nothing. */
export function checkTemplates(folder: string): void {
  const used = new Set<Exception>();
  const open = findingsIn(folder).filter(({ check_id: check, resource }) => {
    const id = resource.split('.').at(-1) ?? '';
    const found = EXCEPTIONS.find((one) => one.check === check && one.at.test(id));
    if (found) used.add(found);
    return !found;
  });
  const lines = [
    ...open.map((one) => `${one.check_id} ${one.resource} (${one.file_path}): ${one.check_name}`),
    ...EXCEPTIONS.filter((one) => !used.has(one)).map(
      ({ check, at }) => `${check} at ${at}: nothing needs this exception`,
    ),
  ];
  if (lines.length > 0) throw new Error(`checkov:\n${lines.join('\n')}`);
}

function findingsIn(folder: string): Finding[] {
  const program = join(installPython('checkov', CHECKOV_VERSION), 'checkov');
  const quietly = ['--framework', 'cloudformation', '--quiet', '--compact', '--skip-download'];
  // It asks nobody, and its exit code is 0: what a finding means is decided here.
  const args = ['--directory', folder, ...quietly, '--soft-fail', '--output', 'json'];
  const text = execFileSync(program, args, { encoding: 'utf8', maxBuffer: 100_000_000 });
  const { results, summary } = JSON.parse(text) as {
    results: { failed_checks: Finding[]; parsing_errors: string[] };
    summary: { passed: number; parsing_errors: number };
  };
  if (summary.parsing_errors > 0 || summary.passed < 100) {
    throw new Error(`checkov has not read the templates: ${JSON.stringify(summary)}`);
  }
  return results.failed_checks;
}
