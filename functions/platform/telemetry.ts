// Structured JSON logs, and metrics in CloudWatch's embedded format: both are lines on stdout, so no
// host needs anything more. Powertools for AWS Lambda does both.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV, type FunctionName } from '../contracts.ts';
import { type Environment, textSetting } from './settings.ts';

const LOG_LEVEL = /^(DEBUG|INFO|WARN|ERROR|CRITICAL|SILENT)$/;

export function makeTelemetry(functionName: FunctionName, env: Environment) {
  const level = textSetting(env, ENV.logLevel, DEFAULTS.logLevel, LOG_LEVEL);
  const namespace = env[ENV.metricsNamespace] || DEFAULTS.metricsNamespace;
  return {
    logger: new Logger({ serviceName: functionName, logLevel: level as 'INFO' }),
    metrics: new Metrics({ namespace, serviceName: functionName }),
  };
}
