// Runs one bundle, as the Lambda runtime does: load it once, then one invocation after the other.
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../shared/function-error.ts';
import type { Invocation, Outcome } from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const host = parentPort;
if (!host) throw new Error('thread.ts runs as a worker thread only.');

const loading = loadHandler(String(workerData));
// The first invocation reports a bundle that cannot load; nobody else is there to hear of it.
loading.catch(() => {});

host.on('message', async (invocation: Invocation) => {
  host.postMessage(await run(invocation));
});

async function run(invocation: Invocation): Promise<Outcome> {
  try {
    const handler = await loading;
    const answer = await handler(JSON.parse(invocation.event), makeContext(invocation));
    return { kind: 'answer', answer: JSON.stringify(answer) ?? 'null' };
  } catch (error) {
    return { kind: 'error', error: errorText(error) };
  }
}

async function loadHandler(bundle: string): Promise<Handler> {
  const { handler } = await import(pathToFileURL(bundle).href);
  if (typeof handler !== 'function') throw new TypeError(`${bundle} exports no handler.`);
  return handler;
}

function makeContext({ requestId, functionName, deadline }: Invocation): object {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '1024',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
