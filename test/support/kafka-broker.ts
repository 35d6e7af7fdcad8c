// One broker of a cluster with TLS and a login by a token, as MSK's with IAM: as much of Kafka's protocol as a
// producer speaks, with the records that came.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Reader, readRecordsBatch, Writer } from '@platformatic/kafka';

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls');
const API = { produce: 0, metadata: 3, handshake: 17, versions: 18, authenticate: 36 } as const;
/** The one version of each that it speaks. */
const VERSIONS = new Map<number, number>([
  ...([
    [API.produce, 9],
    [API.metadata, 12],
    [API.handshake, 1],
    [API.versions, 3],
    [API.authenticate, 2],
  ] as const),
]);
/** Their answers have no tagged fields in the header. */
const PLAIN_HEADERS: readonly number[] = [API.versions, API.handshake];
const AUTHENTICATION_FAILED = 58;
const BEARER = 'auth=Bearer ';
const NODE = 1;
const NOBODY = '00000000-0000-0000-0000-000000000000';

export interface Sent {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Broker {
  readonly address: string;
  readonly sent: Sent[];
  /** Each once, as it was presented. */
  readonly tokens: Set<string>;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly topics: Readonly<Record<string, number>>;
  readonly accepts: (token: string) => boolean;
}

interface Cluster extends BrokerOptions {
  readonly sent: Sent[];
  readonly tokens: Set<string>;
  readonly port: () => number;
}

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const [sent, tokens] = [[] as Sent[], new Set<string>()];
  const certificate = {
    cert: readFileSync(join(TLS, 'server.crt')),
    key: readFileSync(join(TLS, 'server.key')),
  };
  const server = createServer(certificate, (socket) => {
    socket.on('error', () => {});
    eachFrame(socket, (frame) => answer(cluster, frame)).catch(() => socket.destroy());
  });
  const port = () => (server.address() as AddressInfo).port;
  const cluster: Cluster = { ...options, sent, tokens, port };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...{ address: `localhost:${port()}`, sent, tokens },
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(cluster: Cluster, frame: Buffer): Buffer {
  const reader = Reader.from(frame);
  const [api, version, correlation] = [reader.readInt16(), reader.readInt16(), reader.readInt32()];
  reader.readNullableString(false);
  const isPlain = api === API.handshake || (api === API.versions && version < 3);
  if (!isPlain) reader.readTaggedFields();
  const writer = Writer.create().appendInt32(correlation);
  if (!PLAIN_HEADERS.includes(api)) writer.appendTaggedFields();
  if (api === API.versions) writeVersions(writer, version >= 3);
  else if (api === API.handshake) writeMechanisms(writer);
  else if (api === API.authenticate) authenticate(cluster, reader, writer);
  else if (api === API.metadata) writeMetadata(cluster, writer);
  else if (api === API.produce) produce(cluster, reader, writer);
  else throw new TypeError(`The broker was asked for the API ${api}.`);
  return writer.prependLength().buffer;
}

/** `n,,` CTRL-A `auth=Bearer …` CTRL-A CTRL-A */
function authenticate({ tokens, accepts }: Cluster, reader: Reader, writer: Writer): void {
  const parts = reader.readBytes().toString().split(String.fromCharCode(1));
  const token = parts.find((part) => part.startsWith(BEARER))?.slice(BEARER.length) ?? '';
  tokens.add(token);
  const isLetIn = accepts(token);
  writer
    .appendInt16(isLetIn ? 0 : AUTHENTICATION_FAILED)
    .appendString(isLetIn ? null : 'Access denied')
    .appendBytes(Buffer.alloc(0))
    .appendInt64(0n)
    .appendTaggedFields();
}

function writeMetadata({ topics, port }: Cluster, writer: Writer): void {
  const ids = (w: Writer, nodes: number[]) =>
    w.appendArray(nodes, (w, id) => void w.appendInt32(id), true, false);
  writer
    .appendInt32(0)
    .appendArray([port()], (w, at) => {
      w.appendInt32(NODE).appendString('localhost').appendInt32(at).appendString(null);
    })
    .appendString('cluster')
    .appendInt32(NODE)
    .appendArray(Object.entries(topics), (w, [name, partitions]) => {
      w.appendInt16(0).appendString(name).appendUUID(NOBODY).appendBoolean(false);
      w.appendArray([...Array(partitions).keys()], (w, index) => {
        w.appendInt16(0).appendInt32(index).appendInt32(NODE).appendInt32(0);
        for (const nodes of [[NODE], [NODE], []]) ids(w, nodes);
      });
      w.appendInt32(0);
    })
    .appendTaggedFields();
}

function produce({ sent }: Cluster, reader: Reader, writer: Writer): void {
  reader.readNullableString();
  reader.readInt16();
  reader.readInt32();
  const places = reader.readArray((ofTopics) => {
    const topic = ofTopics.readString();
    const partitions = ofTopics.readArray((ofPartitions) => {
      const partition = ofPartitions.readInt32();
      const batch = readRecordsBatch(Reader.from(ofPartitions.readBytes()));
      for (const record of batch.records) {
        const timestamp = Number(batch.firstTimestamp + record.timestampDelta);
        sent.push({ topic, partition, timestamp, ...textsOf(record) });
      }
      return partition;
    });
    return { topic, partitions };
  });
  writer
    .appendArray(places, (w, { topic, partitions }) => {
      w.appendString(topic).appendArray(partitions, (w, partition) => {
        w.appendInt32(partition).appendInt16(0);
        w.appendInt64(BigInt(sent.length)).appendInt64(-1n).appendInt64(0n);
        w.appendArray([], () => {}).appendString(null);
      });
    })
    .appendInt32(0)
    .appendTaggedFields();
}

function textsOf({ key, value, headers }: ReturnType<typeof readRecordsBatch>['records'][number]) {
  return {
    key: key?.toString(),
    value: value?.toString(),
    headers: Object.fromEntries(headers.map(([name, text]) => [`${name}`, `${text}`])),
  };
}

function writeVersions(writer: Writer, isFlexible: boolean): void {
  const one = (w: Writer, [api, version]: [number, number]) =>
    void w.appendInt16(api).appendInt16(version).appendInt16(version);
  writer
    .appendInt16(0)
    .appendArray([...VERSIONS], one, isFlexible, isFlexible)
    .appendInt32(0);
  if (isFlexible) writer.appendTaggedFields();
}

function writeMechanisms(writer: Writer): void {
  writer
    .appendInt16(0)
    .appendArray(['OAUTHBEARER'], (w, name) => w.appendString(name, false), false, false);
}

/** Each behind four bytes with its length. */
async function eachFrame(socket: Socket, answer: (frame: Buffer) => Buffer): Promise<void> {
  let waiting = Buffer.alloc(0);
  for await (const chunk of socket) {
    waiting = Buffer.concat([waiting, chunk as Buffer]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE()) {
      const end = 4 + waiting.readInt32BE();
      socket.write(answer(waiting.subarray(4, end)));
      waiting = waiting.subarray(end);
    }
  }
}
