// What a function asks of AWS, noted on its way: forwarders between the function and the local stores, one
// for each service, in the variables in which the AWS SDK looks for its endpoints.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FunctionName } from '../../../functions/contracts.ts';

export interface Call {
  readonly functionName: FunctionName;
  /** As the SDK's command is called: `s3:HeadObject`. */
  readonly operation: string;
  /** The table, the bucket or the secret. */
  readonly target: string;
  /** What of it: `/index/ranking`, `/analytics/summary/latest.json`, or nothing. */
  readonly path: string;
  readonly status: number;
}

type Heard = Pick<Call, 'operation' | 'target' | 'path'>;
type Listen = (message: IncomingMessage, body: Buffer) => Heard[];

/** The stores that stand behind each service. */
export interface Targets {
  readonly DYNAMODB: string;
  readonly S3: string;
  readonly SECRETS_MANAGER: string;
}

const SERVICES: Readonly<Record<keyof Targets, Listen>> = {
  DYNAMODB: (message, body) => {
    const { TableName, IndexName, RequestItems } = JSON.parse(body.toString());
    const operation = `dynamodb:${operationOf(message)}`;
    const path = IndexName ? `/index/${IndexName}` : '';
    const tables: string[] = RequestItems ? Object.keys(RequestItems) : [TableName];
    return tables.map((target) => ({ operation, target, path }));
  },
  S3: ({ method = '', url = '' }) => {
    const [, target = '', path = ''] = /^\/([^/?]*)([^?]*)/.exec(url) ?? [];
    if (/[?&]list-type=2(&|$)/.test(url)) {
      return [{ operation: 's3:ListObjectsV2', target, path: '' }];
    }
    const kind = path.length > 1 ? 'Object' : 'Bucket';
    const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`;
    return [{ operation: `s3:${verb}${kind}`, target, path: decodeURIComponent(path) }];
  },
  SECRETS_MANAGER: (message, body) => {
    const { SecretId: target } = JSON.parse(body.toString());
    return [{ operation: `secretsmanager:${operationOf(message)}`, target, path: '' }];
  },
};

/** `DynamoDB_20120810.GetItem` */
function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target']).replace(/^.*\./, '');
}

export class Recorder {
  readonly #targets: Targets;
  readonly #servers: Server[] = [];
  readonly #calls = new Map<string, Call>();

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** Each call once, however often it came. */
  get calls(): readonly Call[] {
    return [...this.#calls.values()];
  }

  /** The endpoints for this function's environment. */
  async endpoints(functionName: FunctionName): Promise<Record<string, string>> {
    const services = Object.keys(this.#targets) as (keyof Targets)[];
    const entries = services.map(async (service) => [
      `AWS_ENDPOINT_URL_${service}`,
      await this.#forward(functionName, service),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  async #forward(functionName: FunctionName, service: keyof Targets): Promise<string> {
    const server = createServer(async (message, response) => {
      const { method, url, headers } = message;
      const body = await buffer(message);
      const target = new URL(url ?? '/', this.#targets[service]);
      // The stores answer to their own name alone.
      const onward = request(target, { method, headers: { ...headers, host: target.host } });
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [IncomingMessage];
      const status = answer.statusCode ?? 0;
      for (const heard of SERVICES[service](message, body)) {
        const call = { functionName, ...heard, status };
        this.#calls.set(JSON.stringify(call), call);
      }
      response.writeHead(status, answer.headers);
      answer.pipe(response);
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
