// RDS for PostgreSQL: private, encrypted, only with TLS, and users log on with IAM. A proxy by choice.
import { Duration } from 'aws-cdk-lib';
import { InstanceType, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DatabaseInstance,
  DatabaseInstanceEngine,
  type DatabaseProxy,
  DefaultAuthScheme,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
  SubnetGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { DATABASE_ROLES } from '../functions/contracts.ts';
import type { Network } from './network.ts';
import type { DatabaseSettings } from './settings/database-settings.ts';

const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
const PORT = 5432;
const LOGS = ['postgresql', 'upgrade'] as const;
const MASTER_USER = 'analytics_admin';
const SLOW_STATEMENT_MS = 1_000;
/** UTC, well after AWS Backup begins (01:00), which starts nothing during them, nor in the hour before. */
const BACKUP_WINDOW = '05:00-05:30';
const MAINTENANCE_WINDOW = 'sun:06:00-sun:06:30';

export interface RdsInstanceProps {
  readonly settings: Extract<DatabaseSettings, { kind: 'new' }>;
  readonly network: Network;
  readonly clients: SecurityGroup;
  readonly logRetention: RetentionDays;
}

export class RdsInstance extends Construct {
  readonly instance: DatabaseInstance;
  readonly securityGroup: SecurityGroup;
  readonly proxy: DatabaseProxy | undefined;
  readonly port = PORT;
  readonly adminSecretArn: string;

  constructor(scope: Construct, id: string, props: RdsInstanceProps) {
    super(scope, id);
    const { settings, network, clients } = props;
    const group = new SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: 'PostgreSQL: from the functions alone',
      allowAllOutbound: false,
    });
    this.securityGroup = group;
    open(clients, group);
    this.instance = this.#makeInstance(props, group);
    this.adminSecretArn = this.instance.secret?.secretArn ?? '';
    this.proxy = settings.hasProxy ? this.#makeProxy(props, group) : undefined;
  }

  /** Where the recorder and the API connect; the migrations go to the instance itself. */
  get host(): string {
    return this.proxy?.endpoint ?? this.instance.instanceEndpoint.hostname;
  }

  allowLogon(grantee: IGrantable, user: string, directly: boolean): void {
    if (this.proxy && !directly) this.proxy.grantConnect(grantee, user);
    else this.instance.grantConnect(grantee, user);
  }

  #makeInstance({ settings, network, logRetention }: RdsInstanceProps, group: SecurityGroup) {
    const key = settings.kmsKeyArn && (Key.fromKeyArn(this, 'Key', settings.kmsKeyArn) as IKey);
    return new DatabaseInstance(this, 'Instance', {
      engine: ENGINE,
      instanceType: new InstanceType(settings.instanceClass),
      databaseName: settings.name,
      port: PORT,
      vpc: network.vpc,
      // An instance does not move to other subnets: those of another network are another group.
      subnetGroup: new SubnetGroup(this, `Subnets${network.digest}`, {
        description: 'PostgreSQL of the outcomes',
        vpc: network.vpc,
        vpcSubnets: network.subnets,
      }),
      securityGroups: [group],
      publiclyAccessible: false,
      multiAz: settings.isMultiAz,
      credentials: { username: MASTER_USER, ...(key && { encryptionKey: key }) },
      // RDS keeps the password in Secrets Manager and changes it every seven days.
      manageMasterUserPassword: true,
      iamAuthentication: true,
      storageEncrypted: true,
      ...(key && { storageEncryptionKey: key, performanceInsightEncryptionKey: key }),
      storageType: StorageType.GP3,
      allocatedStorage: settings.storageGiB,
      maxAllocatedStorage: settings.storageGiBMax,
      backupRetention: Duration.days(settings.backupDays),
      preferredBackupWindow: BACKUP_WINDOW,
      preferredMaintenanceWindow: MAINTENANCE_WINDOW,
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      enablePerformanceInsights: true,
      cloudwatchLogsExports: [...LOGS],
      cloudwatchLogsRetention: logRetention,
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine: ENGINE,
        parameters: {
          'rds.force_ssl': '1',
          log_min_duration_statement: String(SLOW_STATEMENT_MS),
          // No values of parameters in the log: they may be a person's.
          log_parameter_max_length: '0',
          log_parameter_max_length_on_error: '0',
        },
      }),
    });
  }

  /** IAM from end to end: no password anywhere. */
  #makeProxy({ network, clients }: RdsInstanceProps, databaseGroup: SecurityGroup): DatabaseProxy {
    const group = new SecurityGroup(this, 'ProxyGroup', {
      vpc: network.vpc,
      description: 'Proxy of PostgreSQL',
      allowAllOutbound: false,
    });
    open(clients, group);
    open(group, databaseGroup);
    const role = new Role(this, 'ProxyRole', {
      assumedBy: new ServicePrincipal('rds.amazonaws.com'),
    });
    for (const user of Object.values(DATABASE_ROLES)) this.instance.grantConnect(role, user);
    return this.instance.addProxy(`Proxy${network.digest}`, {
      vpc: network.vpc,
      vpcSubnets: network.subnets,
      securityGroups: [group],
      role,
      defaultAuthScheme: DefaultAuthScheme.IAM_AUTH,
      iamAuth: true,
      requireTLS: true,
    });
  }
}

function open(from: SecurityGroup, to: SecurityGroup): void {
  to.addIngressRule(from, Port.tcp(PORT), 'PostgreSQL');
  from.addEgressRule(to, Port.tcp(PORT), 'PostgreSQL');
}
