// What stands before dynalite, which answers every page that asks, and whatever a request holds.
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { BodyTooLargeError, readBody } from '../http/body.ts';
import { NO_PAGES, refusalOf } from '../http/callers.ts';
import { limitPassed, REQUEST_BYTES_MAX } from './dynamodb-limits.ts';

/** Asks of a request no more than what is handed to it below. */
type Handle = (request: object, response: ServerResponse) => void;

const SERVICE = 'com.amazon.coral.service';
const VALIDATION = 'com.amazon.coral.validate#ValidationException';

export function standBefore(server: Server): void {
  const [handle] = server.listeners('request') as Handle[];
  if (!handle) throw new TypeError('dynalite listens to no request.');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // A client that hangs up while it sends hears no answer.
    letIn(request, response, handle).catch(() => response.destroy());
  });
}

async function letIn(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
): Promise<void> {
  const { method = '', url, headers, socket } = request;
  const refusal = refusalOf({ method, headers, port: socket.localPort ?? 0 }, NO_PAGES);
  if (refusal) {
    request.resume();
    return refuse(response, 403, `${SERVICE}#AccessDeniedException`, refusal);
  }
  let body: Buffer;
  try {
    body = await readBody(request, REQUEST_BYTES_MAX);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return refuse(response, 413, `${SERVICE}#SerializationException`, error.message);
  }
  const passed = limitPassed(body);
  if (passed) return refuse(response, 400, VALIDATION, passed);
  try {
    // All that dynalite looks at, told at once: what it throws at odd requests is caught here.
    const whole = Object.assign(new EventEmitter(), { method, url, headers });
    handle(whole, response);
    whole.emit('data', body);
    whole.emit('end');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    refuse(response, 400, `${SERVICE}#SerializationException`, `No DynamoDB request: ${reason}`);
  }
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ __type: type, message }));
}
