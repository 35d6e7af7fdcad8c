// Free ports on 127.0.0.1 below 32768: above that the kernel hands out ports to outgoing
// connections, which would now and then take one of ours before its server listens.
import { createServer } from 'node:net';

const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;

/** One behind the other, as the service wants them. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const start = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT - 1_000));
  for (let port = start; ports.length < count; port += 1) {
    if (port > LAST_PORT) throw new Error(`No ${count} free ports from ${start} to ${LAST_PORT}.`);
    if (await isFree(port)) ports.push(port);
    else ports.length = 0;
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
