// One Kafka record to one row of auction_outcomes, or to the reason why it is none. The row depends on
// the record alone, so that a replay gives the same one. Pure.
import { isUtf8 } from 'node:buffer';
import type { KafkaRecord } from '../../kafka/records.ts';
import { RedrivenHeaderError, readOrigin } from '../../kafka/redriven.ts';
import {
  FIELD_NAMES,
  misnamedField,
  type OutcomeFields,
  outcomeFields,
  presentFields,
  saysSomething,
} from './fields.ts';
import { kafkaInstant } from './instant.ts';
import {
  isObject,
  type Json,
  parseMessage,
  readPlainMessage,
  whyNotStorable,
} from './message-json.ts';
import { unwrapMessage } from './wrapper.ts';

const NO_OUTCOME = `value: has none of an outcome's fields: ${Object.keys(outcomeFields.shape)
  .filter((name) => name !== 'timestamp')
  .join(', ')}`;

/** With which Confluent's and Glue's serializers begin. */
const REGISTRY_BYTES: ReadonlySet<number | undefined> = new Set([0x00, 0x03]);
const OF_A_REGISTRY =
  'value: begins as a schema registry’s serializer writes it; must be a JSON object alone, or the stack must read the registry (schemaRegistry)';

/** Named as the columns are. Numbers and times are text: they must arrive digit by digit. */
export interface OutcomeRow {
  readonly bid_id: string;
  readonly user_id: string;
  readonly site_domain: string;
  readonly win_status: boolean;
  readonly win_price: string;
  readonly bid_price: string;
  readonly currency: string;
  readonly enriched: boolean;
  readonly timestamp: string;
  readonly auction_timestamp: string | null;
  readonly user_interests: readonly Json[];
  /** The message itself: its text would only be made again from what was parsed. */
  readonly raw_data: string;
  readonly kafka_offset: string;
}

export type Decoded =
  | { readonly kind: 'row'; readonly row: OutcomeRow; readonly month: string | null }
  | { readonly kind: 'reject'; readonly reason: string };

export function decodeOutcome(record: KafkaRecord): Decoded {
  if (record.damage !== undefined) return { kind: 'reject', reason: record.damage };
  try {
    return decodeAt(record, readOrigin(record) ?? record);
  } catch (error) {
    if (error instanceof RedrivenHeaderError) return { kind: 'reject', reason: error.message };
    throw error;
  }
}

/** A redriven record is the same row as it would have been where it stood first. */
type Place = Pick<KafkaRecord, 'offset' | 'timestamp'>;

function decodeAt(record: KafkaRecord, place: Place): Decoded {
  if (record.value === null) return reject('value: is null; must be a JSON object');
  if (!isUtf8(record.value)) return reject('value: is not UTF-8 text; must be a JSON object');
  if (REGISTRY_BYTES.has(record.value[0])) return reject(OF_A_REGISTRY);
  const message = readMessage(record.value.toString('utf8').replace(/^\ufeff/, ''));
  if (typeof message === 'string') return reject(message);
  const fields = outcomeFields.safeParse(message.present);
  if (!fields.success) return reject(reasonOf(fields.error.issues));
  if (!saysSomething(message.present)) return reject(NO_OUTCOME);
  const misnamed = misnamedField(message.present, message.text);
  if (misnamed) return reject(`${misnamed.name}: is not read; must be named ${misnamed.meant}`);
  return toRow(fields.data, message.text, place);
}

interface Message {
  /** Its fields that have a value. */
  readonly present: Readonly<Record<string, Json>>;
  readonly text: string;
}

/** The message, out of what is around it, or why it is none. */
function readMessage(text: string): Message | string {
  try {
    const plain = readPlainMessage(text, FIELD_NAMES);
    const present = plain && presentFields(plain);
    if (present && saysSomething(present)) return { present, text };
    const message = parseMessage(text);
    if (!isObject(message)) return 'value: must be a JSON object';
    const unstorable = whyNotStorable(message);
    if (unstorable !== undefined) return unstorable;
    const outcome = unwrapMessage(message);
    if (typeof outcome === 'string') return outcome;
    const whole = outcome === message ? text : JSON.stringify(outcome);
    return { present: presentFields(outcome), text: whole };
  } catch (error) {
    return `value: must be a JSON object (${error instanceof Error ? error.message : error})`;
  }
}

function reject(reason: string): Decoded {
  return { kind: 'reject', reason };
}

function reasonOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function toRow(fields: OutcomeFields, text: string, place: Place): Decoded {
  const at = fields.timestamp ?? fields.auction_timestamp ?? kafkaInstant(place.timestamp);
  if (at === undefined) {
    return reject('timestamp: neither the message nor the Kafka record has one');
  }
  const row = {
    bid_id: fields.bid_request_id ?? fields.bid_id,
    user_id: fields.user_id,
    site_domain: fields.site_domain ?? fields.page_url ?? '',
    win_status: fields.win_status,
    win_price: fields.win_price,
    bid_price: fields.bid_price,
    currency: fields.currency,
    enriched: fields.enriched,
    timestamp: at.text,
    auction_timestamp: fields.auction_timestamp?.text ?? null,
    user_interests: fields.user_interests,
    raw_data: text,
    kafka_offset: place.offset.toString(),
  };
  return { kind: 'row', row, month: at.month };
}
