// The PostgreSQL of the outcomes, new or existing: its address, and how each function logs on to it.
// Two users of the database, one that owns and writes and one that reads: docs/database-access.md.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { DATABASE_ROLES, ENV } from '../functions/contracts.ts';
import type { Network } from './network.ts';
import { RdsInstance } from './rds-instance.ts';
import type { Placement, ServiceFunction } from './service-function.ts';
import type { DatabaseLogon, DatabaseSettings } from './settings/database-settings.ts';

/** Amazon's certificate authorities, RDS's among them; Node.js itself does not know those. */
const AMAZON_CERTIFICATES = '/var/runtime/ca-cert.pem';

export type DatabaseUser = keyof typeof DATABASE_ROLES;

export interface DatabaseProps {
  readonly settings: DatabaseSettings;
  /** Undefined where functions have no VPC. */
  readonly network: Network | undefined;
  readonly logRetention: RetentionDays;
}

export class Database extends Construct {
  /** Undefined when the database was there before. */
  readonly rds: RdsInstance | undefined;
  /** Where the functions stand that speak to the database. */
  readonly placement: Placement | undefined;
  readonly #settings: DatabaseSettings;

  constructor(scope: Construct, id: string, { settings, network, logRetention }: DatabaseProps) {
    super(scope, id);
    this.#settings = settings;
    if (!network) return;
    const clients = network.makeClientGroup(
      'DatabaseClients',
      'Functions that speak to PostgreSQL',
    );
    this.placement = { vpc: network.vpc, vpcSubnets: network.subnets, securityGroup: clients };
    if (settings.kind === 'new') {
      this.rds = new RdsInstance(this, 'Rds', { settings, network, clients, logRetention });
    } else if (settings.securityGroupId) {
      const group = SecurityGroup.fromSecurityGroupId(this, 'Group', settings.securityGroupId);
      clients.connections.allowTo(group, Port.tcp(settings.port), 'PostgreSQL');
    }
  }

  get host(): string | undefined {
    return this.#settings.kind === 'existing' ? this.#settings.host : this.rds?.host;
  }

  /** @param directly - to the instance itself, past a proxy. */
  environment(user: DatabaseUser, directly = false): Record<string, string> {
    const { host, port, tls } = this.#address(directly);
    return {
      [ENV.dbHost]: host,
      [ENV.dbPort]: String(port),
      [ENV.dbName]: this.#settings.name,
      [ENV.dbSsl]: tls,
      ...(tls === 'verify-full' && { NODE_EXTRA_CA_CERTS: AMAZON_CERTIFICATES }),
      ...this.#logonEnvironment(user),
      // A proxy refuses the settings of a session from a client: they come with the role.
      ...(this.rds?.proxy && !directly && { [ENV.dbSessionSettings]: 'role' }),
    };
  }

  /** Of the function that makes the users and the schema. */
  migrationEnvironment(): Record<string, string> {
    const adminSecretArn = this.#adminSecretArn;
    return {
      ...this.environment('writer', true),
      ...(adminSecretArn && {
        [ENV.dbAdminSecretArn]: adminSecretArn,
        [ENV.dbReaderUser]: DATABASE_ROLES.reader,
      }),
    };
  }

  allowLogon(target: ServiceFunction, user: DatabaseUser, directly = false): void {
    const settings = this.#settings;
    if (this.rds) {
      this.rds.allowLogon(target.lambda, DATABASE_ROLES[user], directly);
    } else if (settings.kind === 'existing' && settings.logon.kind === 'iam') {
      target.allow(['rds-db:connect'], [this.#userArn(settings.logon.resourceId, user)]);
    } else if (settings.kind === 'existing' && settings.logon.kind === 'secret') {
      target.allow(['secretsmanager:GetSecretValue'], [secretOf(settings.logon, user)]);
    }
  }

  allowMigration(target: ServiceFunction): void {
    this.allowLogon(target, 'writer', true);
    const adminSecretArn = this.#adminSecretArn;
    if (adminSecretArn) target.allow(['secretsmanager:GetSecretValue'], [adminSecretArn]);
    const { kmsKeyArn } = this.#settings.kind === 'new' ? this.#settings : {};
    // The secret is under it as well.
    if (kmsKeyArn) target.allow(['kms:Decrypt'], [kmsKeyArn]);
  }

  get #adminSecretArn(): string | undefined {
    if (this.rds) return this.rds.adminSecretArn;
    return this.#settings.kind === 'existing' ? this.#settings.adminSecretArn : undefined;
  }

  #address(directly: boolean) {
    const settings = this.#settings;
    if (settings.kind === 'existing') return settings;
    const { rds } = this;
    if (!rds) throw new Error('A new database needs a network.');
    const host = directly ? rds.instance.instanceEndpoint.hostname : rds.host;
    return { host, port: rds.port, tls: 'verify-full' };
  }

  #logonEnvironment(user: DatabaseUser): Record<string, string> {
    const settings = this.#settings;
    if (settings.kind === 'existing' && settings.logon.kind === 'secret') {
      return { [ENV.dbSecretArn]: secretOf(settings.logon, user) };
    }
    return { [ENV.dbUser]: DATABASE_ROLES[user], [ENV.dbIamAuth]: 'true' };
  }

  #userArn(resourceId: string, user: DatabaseUser): string {
    return Stack.of(this).formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      resourceName: `${resourceId}/${DATABASE_ROLES[user]}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

function secretOf(logon: Extract<DatabaseLogon, { kind: 'secret' }>, user: DatabaseUser): string {
  return user === 'writer' ? logon.writerArn : logon.readerArn;
}
