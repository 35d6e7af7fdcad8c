// The forms of the answers about the pipeline, for the OpenAPI document; the tests hold the answers against it. Pure.
import * as z from 'zod';

const time = z.string().meta({ format: 'date-time', description: 'UTC.' });
const offset = z.string().meta({ description: '64 bits, as text.' });
const position = { topic: z.string(), partition: z.int(), offset };
const link = z.url().nullable();

const refusal = z.strictObject({
  ...position,
  kept_at: time,
  bytes: z.int().meta({ description: 'Of its document.' }),
  reason: z.string().nullable(),
  url: z.url(),
});

const text = z.string().nullable();
const base64 = text.meta({ description: 'Where the bytes are no text.' });
const value = { value: text, value_base64: base64 };

export const refusedRecord = z
  .strictObject({
    ...position,
    kept_at: time,
    bytes: z.int(),
    reason: z.string(),
    stream_epoch: z.string().nullable(),
    timestamp: time.nullable(),
    ...{ key: text, key_base64: base64 },
    ...value,
    headers: z.array(z.strictObject({ name: z.string(), ...value })),
    redrive: z.string().meta({ description: 'The command that sends it again.' }),
    show: z.string().meta({ description: 'The command that shows it.' }),
  })
  .meta({ id: 'RefusedRecord' });

export const refusalPage = z
  .strictObject({
    next: link,
    previous: z.null(),
    is_complete: z
      .boolean()
      .meta({ description: 'False: there are more than are listed at once.' }),
    results: z.array(refusal),
  })
  .meta({ id: 'RefusedRecordPage' });

const stream = z.strictObject({
  half: z.enum(['orders', 'outcomes']),
  epoch: z.string().nullable(),
  topic: z.string(),
  partition: z.int(),
  offset: offset.nullable(),
  newest_event_at: time.nullable(),
  age_seconds: z.number().nullable(),
  moved_at: time.nullable(),
  lag: z.string().nullable().meta({ description: 'Records that wait; `null`: not known.' }),
});

export const pipeline = z
  .strictObject({
    generated_at: time,
    problems: z
      .array(
        z.strictObject({
          level: z.enum(['error', 'warning']),
          about: z.string(),
          text: z.string(),
        }),
      )
      .meta({ description: 'What is wrong now, worst first.' }),
    build: z.strictObject({ version: z.string(), reports_version: z.string().nullable() }),
    schema: z
      .strictObject({
        version: z.string().nullable(),
        applied_at: time.nullable(),
        pending: z.array(z.string()),
      })
      .nullable(),
    reports: z
      .strictObject({
        generated_at: z.string().meta({ description: 'UTC without a zone.' }),
        age_seconds: z.number(),
        epoch: z.int().nullable(),
      })
      .nullable(),
    merge: z
      .looseObject({
        segments: z.int(),
        milliseconds: z.number(),
        taken_up: z.boolean(),
        segments_waiting: z.int(),
      })
      .nullable(),
    streams: z.array(stream),
    quarantine: z.strictObject({
      count: z.int(),
      is_complete: z.boolean(),
      url: z.url(),
      by_reason: z.array(
        z.strictObject({
          reason: z.string(),
          count: z.int(),
          newest: z.strictObject({ ...position, url: z.url() }),
        }),
      ),
      reasons_read: z.int(),
      newest: z.array(refusal),
      example: refusedRecord.nullable(),
      abandoned_batches: z.int(),
    }),
    host: z.looseObject({}).nullable().meta({ description: 'What the host tells of itself.' }),
  })
  .meta({ id: 'Pipeline' });
