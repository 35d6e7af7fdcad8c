// The service in a stack of its own, as bin/app.ts deploys it.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnalyticsService, type AnalyticsServiceProps } from './analytics-service.ts';

export class AnalyticsStack extends Stack {
  readonly service: AnalyticsService;

  constructor(
    scope: Construct,
    id: string,
    { settings, alarmTopic, ...props }: AnalyticsServiceProps & StackProps,
  ) {
    super(scope, id, { description: 'Exact, real-time analytics for Kafka', ...props });
    // By this name it adds nothing to the names of what is in it.
    this.service = new AnalyticsService(this, 'Default', {
      settings,
      ...(alarmTopic && { alarmTopic }),
    });
  }
}
