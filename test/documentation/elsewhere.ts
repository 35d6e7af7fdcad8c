// Commands of the documentation that cannot be run here, and where what they do is proven.

const IN_AWS = 'needs an account in AWS; test/synth and test/emulator prove the stack';
const EMULATOR = 'needs Docker; test/emulator and test/unit/compose.test.ts';
const OWN_SERVICES = 'needs a Kafka and a PostgreSQL; test/live/own-services.test.ts';
const DATABASE_OF_ONES_OWN = 'needs a PostgreSQL beside; test/operate/commands.test.ts';
const REFUSED = 'needs a record that was refused; test/operate/quarantine.test.ts';
const SLOW = 'takes minutes; CI runs it by itself';

export const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^git clone /, 'the clone is here'],
  [/^npm run (?:bootstrap|deploy) ?/, IN_AWS],
  [/^npm run deploy -- /, IN_AWS],
  [/^aws .* --endpoint-url /, 'needs the AWS CLI; test/contract/clients.test.ts asks the same'],
  [/^aws /, IN_AWS],
  [/^eval "\$\(aws /, IN_AWS],
  [/^curl --aws-sigv4 /, IN_AWS],
  [/^export (?:STACK|BUCKET|BROKERS)=/, IN_AWS],
  [/^export KAFKA_SECURITY_PROTOCOL=/, 'needs MSK; test/live/secured-kafka.test.ts'],
  [/kafka\.eu-west-1\.amazonaws\.com/, 'needs MSK; test/live/secured-kafka.test.ts'],
  [
    / --stack /,
    'needs a stack; test/operate/deployed.test.ts runs the same over the embedded stores',
  ],
  [/^docker compose /, EMULATOR],
  [/^npm run deploy:localstack/, EMULATOR],
  [/^export AWS_ENDPOINT_URL=/, EMULATOR],
  [/--invoke lambda/, EMULATOR],
  [/_aws\/execute-api/, EMULATOR],
  [/^(?:export )?(?:DB_HOST|KAFKA_BROKERS)=\S+ /, OWN_SERVICES],
  [/^export KAFKA_BROKERS=/, OWN_SERVICES],
  [/^npm run migrate$/, OWN_SERVICES],
  [/^DB_HOST=… npm run rebuild /, DATABASE_OF_ONES_OWN],
  [/^npm run quarantine -- list \[/, 'a form; its options are compared with --help'],
  [/^npm run quarantine -- (?:show|redrive) \S+\/\d+/, REFUSED],
  [/^npm run quarantine -- redrive --all /, 'needs a Kafka; test/live/redrive.test.ts'],
  [/--topics auction_outcomes/, OWN_SERVICES],
  [
    /^export PGOPTIONS=|^psql -f /,
    'needs a superuser of a database; test/database-access/roles.test.ts',
  ],
  [/^npm run (?:check|fuzz|fuzz -- --minutes .*)$/, SLOW],
  [/^npx vitest run /, SLOW],
];
