// Which PostgreSQL, and how the functions log on to it.
import type { ContextValues } from './context-keys.ts';

export type DatabaseLogon =
  | { readonly kind: 'iam'; readonly resourceId: string }
  | { readonly kind: 'secret'; readonly writerArn: string; readonly readerArn: string };

export type DatabaseSettings =
  | {
      readonly kind: 'new';
      readonly name: string;
      readonly instanceClass: string;
      readonly storageGiB: number;
      readonly storageGiBMax: number;
      readonly isMultiAz: boolean;
      readonly hasProxy: boolean;
      readonly backupDays: number;
      /** Of the account, in place of Amazon's. */
      readonly kmsKeyArn: string | undefined;
    }
  | {
      readonly kind: 'existing';
      readonly name: string;
      readonly host: string;
      readonly port: number;
      readonly tls: ContextValues['databaseTls'];
      readonly logon: DatabaseLogon;
      /** Of the superuser that makes the two roles; undefined: they are there already. */
      readonly adminSecretArn: string | undefined;
      readonly securityGroupId: string | undefined;
    };

export function readDatabase(values: ContextValues): DatabaseSettings {
  const { databaseName: name, databaseHost: host } = values;
  if (!host) {
    return {
      kind: 'new',
      name,
      instanceClass: values.databaseInstance,
      storageGiB: values.databaseStorageGiB,
      storageGiBMax: values.databaseStorageMaxGiB,
      isMultiAz: values.databaseMultiAz,
      hasProxy: values.databaseProxy,
      backupDays: values.databaseBackupDays,
      kmsKeyArn: values.databaseKmsKeyArn,
    };
  }
  return {
    kind: 'existing',
    name,
    host,
    port: values.databasePort,
    tls: values.databaseTls,
    logon: readLogon(values),
    adminSecretArn: values.databaseAdminSecretArn,
    securityGroupId: values.databaseSecurityGroupId,
  };
}

/** Exactly one is set: see contradictions.ts. */
function readLogon(values: ContextValues): DatabaseLogon {
  const { databaseSecretArn: writerArn, databaseReaderSecretArn: readerArn = writerArn } = values;
  if (writerArn && readerArn) return { kind: 'secret', writerArn, readerArn };
  return { kind: 'iam', resourceId: values.databaseResourceId ?? '' };
}
