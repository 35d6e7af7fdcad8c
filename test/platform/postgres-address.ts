// Apart from the server itself, whose package takes the signals of a process over.
const USER = 'source';
const PASSWORD = 'source';

export interface PostgresAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** Of the server on this port. */
export function addressOf(port: number): PostgresAddress {
  return { host: '127.0.0.1', port, user: USER, password: PASSWORD, database: 'postgres' };
}
