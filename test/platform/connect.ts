// Kafka Connect in distributed mode with one worker, as in production: connectors and offsets are
// kept in Kafka, so that a killed worker goes on by itself when it is started again.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JavaProcess } from './java-process.ts';
import { writeProperties } from './properties-file.ts';
import { FatalError, waitUntil } from './wait-until.ts';

const STATE_TIMEOUT_MS = 90_000;
const REQUEST_TIMEOUT_MS = 60_000;

export interface ConnectOptions {
  dir: string;
  classpath: string;
  restPort: number;
  bootstrap: string;
  /** How often source offsets are stored; what was sent since is sent again after a kill. */
  offsetFlushIntervalMs?: number;
}

export interface ConnectorStatus {
  connector: { state: string };
  tasks: { id: number; state: string; trace?: string }[];
}

export class Connect {
  readonly process: JavaProcess;
  readonly #url: string;

  constructor(options: ConnectOptions) {
    mkdirSync(options.dir, { recursive: true });
    const settingsFile = join(options.dir, 'connect.properties');
    this.#url = `http://127.0.0.1:${options.restPort}`;
    writeProperties(settingsFile, workerSettings(options, this.#url));
    this.process = new JavaProcess({
      name: 'Kafka Connect',
      classpath: options.classpath,
      mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
      args: [settingsFile],
      heap: '512m',
      logFile: join(options.dir, 'connect.log'),
      isReady: async () => (await fetch(`${this.#url}/health`)).ok,
    });
  }

  async createConnector(name: string, config: Record<string, string>): Promise<void> {
    await this.#request('POST', '/connectors', { name, config });
    await this.waitUntilRunning(name);
  }

  async deleteConnector(name: string): Promise<void> {
    await this.#request('DELETE', `/connectors/${name}`);
  }

  /** Ends the connector's task in order: everything sent is acknowledged, offsets are stored. */
  async stopConnector(name: string): Promise<void> {
    await this.#request('PUT', `/connectors/${name}/stop`);
    await waitUntil(
      `connector ${name} to stop`,
      async () => {
        const { connector, tasks } = await this.status(name);
        return connector.state === 'STOPPED' && tasks.length === 0;
      },
      STATE_TIMEOUT_MS,
    );
  }

  async resumeConnector(name: string): Promise<void> {
    await this.#request('PUT', `/connectors/${name}/resume`);
    await this.waitUntilRunning(name);
  }

  /** Forgets how far a stopped connector had read. */
  async deleteOffsets(name: string): Promise<void> {
    await this.#request('DELETE', `/connectors/${name}/offsets`);
  }

  /** As an operator does it; a task that failed does not start again by itself. */
  async restartFailedTasks(name: string): Promise<number> {
    const { connector, tasks } = await this.status(name);
    const failed = [connector, ...tasks].filter(({ state }) => state === 'FAILED').length;
    if (failed > 0) {
      await this.#request('POST', `/connectors/${name}/restart?includeTasks=true&onlyFailed=true`);
    }
    return failed;
  }

  async status(name: string): Promise<ConnectorStatus> {
    return (await this.#request('GET', `/connectors/${name}/status`)) as ConnectorStatus;
  }

  async waitUntilRunning(name: string): Promise<void> {
    await waitUntil(
      `connector ${name} to run`,
      async () => {
        const { connector, tasks } = await this.status(name);
        const failed = tasks.find((task) => task.state === 'FAILED');
        if (failed) throw new FatalError(`Connector ${name} failed:\n${failed.trace}`);
        return connector.state === 'RUNNING' && tasks.some((task) => task.state === 'RUNNING');
      },
      STATE_TIMEOUT_MS,
    );
  }

  async #request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Kafka Connect: ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function workerSettings(options: ConnectOptions, url: string): Record<string, string | number> {
  const topics = ['offset', 'config', 'status'].flatMap((kind) => [
    [`${kind}.storage.topic`, `connect-${kind}`],
    [`${kind}.storage.replication.factor`, 1],
  ]);
  return {
    'bootstrap.servers': options.bootstrap,
    'group.id': 'connect',
    listeners: url,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    ...Object.fromEntries(topics),
    'offset.storage.partitions': 1,
    'status.storage.partitions': 1,
    'offset.flush.interval.ms': options.offsetFlushIntervalMs ?? 60_000,
    // A killed worker's place in the group is free again after the shortest time that Kafka allows.
    'session.timeout.ms': 6_000,
    'heartbeat.interval.ms': 2_000,
    'scheduled.rebalance.max.delay.ms': 0,
    'plugin.discovery': 'service_load',
  };
}
