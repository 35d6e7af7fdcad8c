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

/** The request line as it stands: `fetch` would tidy the path, and refuses a Host header. */
export class Gateway {
  /** Of the default domain, to which the API is one of many. */
  readonly host: string;
  readonly stage: string;
  readonly #endpoint: string;

  /** @param url as the stack's output has it: `https://<api>.execute-api.<region>.amazonaws.com/<stage>/` */
  constructor(endpoint: string, url: string) {
    const { hostname, pathname } = new URL(url);
    const [api = ''] = hostname.split('.');
    this.#endpoint = endpoint;
    this.stage = pathname.replaceAll('/', '');
    this.host = `${api}.execute-api.${HOST_NAME}:${new URL(endpoint).port}`;
  }

  async ask(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
    const call = request(this.#endpoint, {
      method,
      path: `/${this.stage}${path}`,
      headers: { accept: '*/*', ...headers, host: this.host },
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
