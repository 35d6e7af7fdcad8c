// Stands before a store and answers in its place for a while: "slow down", as DynamoDB and S3 say it, or late.
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Fault {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const THROTTLED: Fault = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  }),
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const SLOW_DOWN: Fault = {
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
};

export interface FaultyProxy {
  readonly endpoint: string;
  /** So many requests from now on get the fault. */
  refuse(count: number, fault: Fault): void;
  /** How many are left to be refused. */
  readonly toRefuse: number;
  /** Every answer waits. */
  delay(milliseconds: number): void;
  close(): void;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let [toRefuse, delayMs, fault] = [0, 0, THROTTLED];
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    if (toRefuse > 0) {
      toRefuse -= 1;
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    await sleep(delayMs);
    const answer = await forward(target, incoming, body);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(await buffer(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse(count, as) {
      [toRefuse, fault] = [count, as];
    },
    get toRefuse() {
      return toRefuse;
    },
    delay(milliseconds) {
      delayMs = milliseconds;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    // The stores answer nobody who names another host.
    const forStore = { ...headers, host: new URL(target).host };
    httpRequest(`${target}${url}`, { method, headers: forStore }, resolve)
      .once('error', reject)
      .end(body);
  });
}
