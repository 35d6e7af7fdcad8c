// Who may ask at a port of this machine: its programs, and pages of the front itself. A browser carries the requests
// of any page to 127.0.0.1, and a name that a page's owner points there (DNS rebinding) even makes the answers
// readable; but it says where a request comes from and for which host it is meant. Pure.

const OWN_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const HTTP_PORT = 80;

export interface Caller {
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The port that was asked. */
  readonly port: number;
}

export interface Door {
  /** Pages that may ask, by their origins. */
  readonly origins: ReadonlySet<string>;
  /** Whether a link on another page may lead here. */
  readonly isVisited: boolean;
}

/** Of a store, which no page may ask. */
export const NO_PAGES: Door = { origins: new Set(), isVisited: false };

/** The front's own pages, under each name of this machine. */
export function ownOrigins(port: number): string[] {
  return ownHosts(port).map((host) => `http://${host}`);
}

/** @returns why the request is not answered, or undefined. */
export function refusalOf({ method, headers, port }: Caller, door: Door): string | undefined {
  const host = textOf(headers.host).toLowerCase();
  if (!ownHosts(port).includes(host)) {
    return `the host "${host}" is not this machine: ask localhost:${port} or 127.0.0.1:${port}`;
  }
  const origin = headers.origin;
  if (origin !== undefined) {
    if (door.origins.has(textOf(origin))) return undefined;
    return `pages of the origin "${textOf(origin)}" may not ask here`;
  }
  // Where a request carries no origin, as for an image or a link, browsers say how far away it comes from.
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'none' || (site === 'same-origin' && door.origins.size > 0)) return undefined;
  const isLink = method === 'GET' && headers['sec-fetch-dest'] === 'document';
  return door.isVisited && isLink ? undefined : 'pages of other origins may not ask here';
}

function ownHosts(port: number): string[] {
  const withPort = OWN_HOSTS.map((host) => `${host}:${port}`);
  return port === HTTP_PORT ? [...OWN_HOSTS, ...withPort] : withPort;
}

function textOf(header: string | string[] | undefined): string {
  return header === undefined ? '' : String(header);
}
