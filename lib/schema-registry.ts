// Avro and Protobuf topics: the mapping reads the schema from a registry and hands over plain JSON, keys
// included, so that the functions see what they see of a JSON topic.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  EventRecordFormat,
  type ISchemaRegistry,
  KafkaSchemaRegistryAccessConfigType,
  KafkaSchemaValidationAttribute,
} from 'aws-cdk-lib/aws-lambda';
import { GlueSchemaRegistry } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { SchemaRegistrySettings } from './settings/mapping-settings.ts';

const FORMAT = {
  eventRecordFormat: EventRecordFormat.JSON,
  schemaValidationConfigs: [
    { attribute: KafkaSchemaValidationAttribute.KEY },
    { attribute: KafkaSchemaValidationAttribute.VALUE },
  ],
};

export function makeSchemaRegistry(settings: SchemaRegistrySettings): ISchemaRegistry {
  if (settings.kind === 'glue') {
    return new GlueSchemaRegistry({ ...FORMAT, schemaRegistryArn: settings.registryArn });
  }
  const { url, secretArn } = settings;
  // The CDK's own ConfluentSchemaRegistry lets the function describe the secret, too.
  return {
    bind(_mapping, target) {
      const actions = ['secretsmanager:GetSecretValue'];
      target.addToRolePolicy(new PolicyStatement({ actions, resources: [secretArn] }));
      return {
        ...FORMAT,
        schemaRegistryUri: url,
        accessConfigs: [{ type: KafkaSchemaRegistryAccessConfigType.BASIC_AUTH, uri: secretArn }],
      };
    },
  };
}
