// What materialize-reports and a host write about themselves, read back. Pure.
import * as z from 'zod';

const whole = z.int().min(0);
const offset = z.string().regex(/^-?\d{1,19}$/);
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));

/** `<REPORT_PREFIX>/pipeline/latest.json` */
export const runDocument = z.looseObject({
  generated_at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
  build: z.string().optional(),
  epoch: whole,
  streams: z.array(
    z.looseObject({
      epoch: z.string(),
      topic: z.string(),
      partition: whole,
      offset,
      newest_event_at: time.nullable(),
    }),
  ),
  merge: z
    .looseObject({
      segments: whole,
      milliseconds: z.number(),
      taken_up: z.boolean(),
      segments_waiting: whole,
    })
    .optional(),
});
export type RunDocument = z.output<typeof runDocument>;

/** `<REPORT_PREFIX>/pipeline/host.json`: whatever a host likes to tell, and of each partition how far it is. */
export const hostDocument = z.looseObject({
  written_at: time,
  quarantine_options: z.string().optional(),
  streams: z.array(
    z.looseObject({
      half: z.enum(['orders', 'outcomes']),
      topic: z.string(),
      partition: whole,
      /** The offset to be read next, and the one that the next record will have. */
      next_offset: offset,
      end_offset: offset,
    }),
  ),
});
export type HostDocument = z.output<typeof hostDocument>;

/** `undefined` when the text is not of the form. */
export function readDocument<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
