// What Secrets Manager answers to GetSecretValue, over HTTP: point AWS_ENDPOINT_URL_SECRETS_MANAGER here.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface SecretsServer {
  readonly url: string;
  /** The text by secret; one that is missing is not found, one that is null is refused. */
  readonly secrets: Map<string, string | null>;
  /** The ids that were asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startSecretsServer(): Promise<SecretsServer> {
  const secrets = new Map<string, string | null>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { SecretId: id } = (await json(request)) as { readonly SecretId: string };
    asked.push(id);
    const text = secrets.get(id);
    const type = text === undefined ? 'ResourceNotFoundException' : 'AccessDeniedException';
    const isFound = typeof text === 'string';
    response.writeHead(isFound ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(isFound ? { SecretString: text } : { __type: type, message: id }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    secrets,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
