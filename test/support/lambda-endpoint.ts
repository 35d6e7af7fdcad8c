// Lambda's Invoke API on this machine: each answer is the test's, given in the form of the real service.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Invocation {
  readonly functionName: string;
  readonly event: string;
  readonly isDryRun: boolean;
}

export type Answer =
  | { readonly kind: 'answer'; readonly payload: unknown }
  /** What the function threw. */
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string }
  /** What Lambda itself says. */
  | { readonly kind: 'refused'; readonly status: number; readonly type: string };

export interface LambdaEndpoint {
  readonly env: Readonly<Record<string, string>>;
  /** In the order of arrival, dry runs and refused ones among them. */
  readonly invocations: readonly Invocation[];
  close(): Promise<void>;
}

const INVOKE = /^\/2015-03-31\/functions\/([\w-]+)\/invocations$/;

export async function startLambdaEndpoint(
  answer: (invocation: Invocation) => Answer | Promise<Answer>,
): Promise<LambdaEndpoint> {
  const invocations: Invocation[] = [];
  const server = createServer(async (request, response) => {
    const [, functionName = ''] = INVOKE.exec(request.url ?? '') ?? [];
    const isDryRun = request.headers['x-amz-invocation-type'] === 'DryRun';
    const invocation = { functionName, event: await text(request), isDryRun };
    invocations.push(invocation);
    send(response, await answer(invocation), isDryRun);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    invocations,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, answer: Answer, isDryRun: boolean): void {
  const json = { 'content-type': 'application/json' };
  if (answer.kind === 'refused') {
    response.writeHead(answer.status, { ...json, 'x-amzn-errortype': answer.type });
    response.end(JSON.stringify({ Type: 'User', message: `said ${answer.type}` }));
  } else if (isDryRun) {
    response.writeHead(204).end();
  } else if (answer.kind === 'failed') {
    const { errorType, errorMessage } = answer;
    response.writeHead(200, { ...json, 'x-amz-function-error': 'Unhandled' });
    response.end(JSON.stringify({ errorType, errorMessage, trace: [] }));
  } else {
    response.writeHead(200, json).end(JSON.stringify(answer.payload));
  }
}

/** What a stream function answers when all went well. */
export function countsOf(event: string): object {
  const { records } = JSON.parse(event) as { records: Record<string, unknown[]> };
  const count = Object.values(records).flat().length;
  return { batchItemFailures: [], records: count, applied: count, skipped: 0, quarantined: 0 };
}
