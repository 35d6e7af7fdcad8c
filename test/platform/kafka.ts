// One Apache Kafka broker in KRaft mode, controller and broker in one process. Its log directory
// outlives a stop or a kill, so that a restart finds all topics again.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { JavaProcess, runJava } from './java-process.ts';
import { writeProperties } from './properties-file.ts';
import type { SecuredListener } from './secured-listener.ts';

export interface KafkaOptions {
  dir: string;
  classpath: string;
  brokerPort: number;
  controllerPort: number;
  /** Besides the open one, which the broker itself uses. */
  secured?: SecuredListener;
}

export interface Kafka {
  bootstrap: string;
  process: JavaProcess;
}

export function createKafka(options: KafkaOptions): Kafka {
  const { dir, classpath, brokerPort, controllerPort, secured } = options;
  mkdirSync(dir, { recursive: true });
  const settingsFile = join(dir, 'server.properties');
  const bootstrap = `127.0.0.1:${brokerPort}`;
  const listeners = [`PLAINTEXT://${bootstrap}`, ...(secured ? [secured.address] : [])].join();
  writeProperties(settingsFile, {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': listeners,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'logs'),
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...secured?.settings,
  });
  const clusterId = randomBytes(16).toString('base64url');
  // One argument: an id that begins with "-" would be taken for an option.
  const format = ['format', `--cluster-id=${clusterId}`, '--config', settingsFile];
  const users = secured?.users.flatMap((user) => ['--add-scram', user]) ?? [];
  runJava({ classpath, mainClass: 'kafka.tools.StorageTool', args: [...format, ...users] });
  const process = new JavaProcess({
    name: 'Kafka',
    classpath,
    mainClass: 'kafka.Kafka',
    args: [settingsFile],
    heap: '384m',
    logFile: join(dir, 'kafka.log'),
    isReady: () => isListening(brokerPort),
  });
  return { bootstrap, process };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
