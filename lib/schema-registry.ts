// Avro and Protobuf topics: the mapping reads the schema from a registry and hands over plain JSON, keys
// included, so that the functions see what they see of a JSON topic.
import {
  EventRecordFormat,
  type ISchemaRegistry,
  KafkaSchemaRegistryAccessConfigType,
  KafkaSchemaValidationAttribute,
} from 'aws-cdk-lib/aws-lambda';
import { ConfluentSchemaRegistry, GlueSchemaRegistry } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { SchemaRegistrySettings } from './settings/mapping-settings.ts';

const FORMAT = {
  eventRecordFormat: EventRecordFormat.JSON,
  schemaValidationConfigs: [
    { attribute: KafkaSchemaValidationAttribute.KEY },
    { attribute: KafkaSchemaValidationAttribute.VALUE },
  ],
};

export function makeSchemaRegistry(
  scope: Construct,
  settings: SchemaRegistrySettings,
): ISchemaRegistry {
  if (settings.kind === 'glue') {
    return new GlueSchemaRegistry({ ...FORMAT, schemaRegistryArn: settings.registryArn });
  }
  return new ConfluentSchemaRegistry({
    ...FORMAT,
    schemaRegistryUri: settings.url,
    authenticationType: KafkaSchemaRegistryAccessConfigType.BASIC_AUTH,
    secret: Secret.fromSecretCompleteArn(scope, 'RegistrySecret', settings.secretArn),
  });
}
