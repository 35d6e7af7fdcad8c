// The deployed API as a client meets it: over HTTP, through the emulator's API Gateway.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { HOST_NAME } from './ministack.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks HTTP by itself: `fetch` would tidy the path, and refuses a Host header. */
export class Gateway {
  /** Of the API's default domain. */
  readonly host: string;
  readonly stage: string;
  readonly #port: number;

  /** @param url as the stack's output has it: `https://<api>.execute-api.<region>.amazonaws.com/<stage>/` */
  constructor(port: number, url: string) {
    const { hostname, pathname } = new URL(url);
    const [api = ''] = hostname.split('.');
    this.stage = pathname.replaceAll('/', '');
    this.host = `${api}.execute-api.${HOST_NAME}:${port}`;
    this.#port = port;
  }

  /** As API Gateway hands them to the function: it is reached over TLS alone. */
  get addedHeaders(): Readonly<Record<string, string>> {
    return { host: this.host, 'x-forwarded-proto': 'https' };
  }

  async ask(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
    const call = request({
      host: '127.0.0.1',
      port: this.#port,
      method,
      path: `/${this.stage}${path}`,
      headers: { accept: '*/*', ...headers, ...this.addedHeaders },
    });
    call.end();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    const pairs = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(pairs),
      text: await text(answer),
    };
  }
}
