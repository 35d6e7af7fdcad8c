// A server at a port of this machine, and why it cannot be there.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { errorCode, UserError } from '../shared/user-error.ts';

export const LOOPBACK = '127.0.0.1';

/** @throws {UserError} when the port is in use, or not for this user. */
export async function listen(server: Server, port: number, purpose: string): Promise<void> {
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch (error) {
    throw portRefused(errorCode(error), port, purpose) ?? error;
  }
}

/** @returns undefined when the code is not about the port. */
export function portRefused(
  code: string | undefined,
  port: number,
  purpose: string,
): UserError | undefined {
  if (code === 'EADDRINUSE') {
    return new UserError(
      `Port ${port}, wanted for ${purpose}, is in use. Stop what uses it, or choose others with ` +
        '--port N (N to N+3 must be free).',
    );
  }
  if (code !== 'EACCES') return undefined;
  return new UserError(
    `Port ${port}, wanted for ${purpose}, is not for this user: ports below 1024 are the system's. ` +
      'Choose others with --port N.',
  );
}
