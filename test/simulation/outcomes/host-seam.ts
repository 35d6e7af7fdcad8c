// Stands for node:net and node:timers/promises in the bundle that is simulated: a connection and a pause
// are the simulation's to give, to whomever of its sandboxes asks.
import type { Duplex } from 'node:stream';

export { isIP } from 'node:net';

export interface SimulatedHost {
  connect(): Duplex;
  sleep(): Promise<void>;
}

let whoAsks: () => SimulatedHost = () => {
  throw new Error('There is no host: call useHost first.');
};

export function useHost(found: () => SimulatedHost): void {
  whoAsks = found;
}

export const connect = () => whoAsks().connect();
export const setTimeout = () => whoAsks().sleep();
