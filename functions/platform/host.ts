// What Lambda gives a function: its clock, its environment, AWS, logs and metrics. The functions take
// it as an argument, so that a test can be the host and decide all of it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionName } from '../contracts.ts';
import { makeDynamoDbClient, makeS3Client } from './aws.ts';
import type { Environment } from './settings.ts';
import { makeTelemetry } from './telemetry.ts';

export function makeHost(functionName: FunctionName, env: Environment) {
  return {
    env,
    now: () => Date.now(),
    sleep: (milliseconds: number) => sleep(milliseconds),
    dynamoDb: makeDynamoDbClient(),
    s3: makeS3Client(),
    ...makeTelemetry(functionName, env),
  };
}
