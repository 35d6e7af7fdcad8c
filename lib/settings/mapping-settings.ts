// How Lambda reads the topics.
import type { ContextValues } from './context-keys.ts';

export type SchemaRegistrySettings =
  | { readonly kind: 'glue'; readonly registryArn: string }
  | { readonly kind: 'confluent'; readonly url: string; readonly secretArn: string };

export interface ProvisionedPollers {
  readonly min: number;
  readonly max: number;
  /** Whose members share their units, and so their price. */
  readonly group: string | undefined;
  readonly partialBatchResponses: boolean;
  readonly bisectBatch: boolean;
  readonly retryAttempts: number | undefined;
  readonly recordAgeMaxSeconds: number | undefined;
  readonly schemaRegistry: SchemaRegistrySettings | undefined;
}

export interface MappingSettings {
  /** First part of the names: each mapping is a consumer group of its own, as Lambda demands. Undefined: the stack's name. */
  readonly consumerGroup: string | undefined;
  readonly isOn: boolean;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly startingPosition: ContextValues['startingPosition'];
  readonly startingTimestamp: number | undefined;
  /** Undefined: Lambda scales the pollers on demand. */
  readonly provisioned: ProvisionedPollers | undefined;
}

/** Of one mapping, when no setting says otherwise. */
export const POLLERS_MAX = 200;

export function readMapping(values: ContextValues): MappingSettings {
  return {
    consumerGroup: values.consumerGroup,
    isOn: values.ingestion === 'on',
    batchSize: values.batchSize,
    batchWindowSeconds: values.batchWindow,
    startingPosition: values.startingPosition,
    startingTimestamp: values.startingTimestamp,
    provisioned: values.pollers === 'provisioned' ? readProvisioned(values) : undefined,
  };
}

function readProvisioned(values: ContextValues): ProvisionedPollers {
  return {
    min: values.pollersMin ?? 1,
    max: values.pollersMax ?? POLLERS_MAX,
    group: values.pollerGroup,
    partialBatchResponses: values.partialBatchResponses ?? false,
    bisectBatch: values.bisectBatch ?? false,
    retryAttempts: values.retryAttempts,
    recordAgeMaxSeconds: values.recordAgeMax,
    schemaRegistry: readSchemaRegistry(values),
  };
}

function readSchemaRegistry(values: ContextValues): SchemaRegistrySettings | undefined {
  const { schemaRegistryArn, schemaRegistryUrl, schemaRegistrySecretArn } = values;
  if (schemaRegistryArn) return { kind: 'glue', registryArn: schemaRegistryArn };
  if (!schemaRegistryUrl || !schemaRegistrySecretArn) return undefined;
  return { kind: 'confluent', url: schemaRegistryUrl, secretArn: schemaRegistrySecretArn };
}
