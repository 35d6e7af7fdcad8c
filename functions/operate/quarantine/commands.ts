// `npm run quarantine` where the bucket is, in parts that an answer of Lambda can hold.
import type { S3Client } from '@aws-sdk/client-s3';
import { type Deadline, partEnd } from '../deadline.ts';
import { Refusal } from '../refusal.ts';
import type { OperatorAnswer, RequestOf } from '../request.ts';
import { KeptObjects } from './kept-objects-store.ts';
import type { MskPlace } from './msk-target.ts';
import type { Target } from './redrive.ts';
import { isLeft, NO_TARGET, redriveChosen, showRedriven } from './redriving.ts';
import { filtersOf, named, selectObjects, showObject, toJsonLine, toLine } from './selection.ts';

/** In JSON a character may take six bytes. */
const CHARACTERS_MAX = 900_000;

export interface QuarantineHost {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly streamEpoch: string;
  /** Of the outcomes. */
  readonly topic: string;
  readonly now: () => number;
  readonly openTarget: (place: MskPlace) => Promise<Target>;
}

export function makeQuarantineCommands(host: QuarantineHost) {
  const { s3, bucket, streamEpoch, topic: outcomesTopic, now, openTarget } = host;
  const kept = new KeptObjects(s3, bucket);

  async function list(
    { json, next, ...given }: RequestOf<'list'>,
    deadline: Deadline,
  ): Promise<OperatorAnswer> {
    let [text, warnings] = ['', ''];
    const onUnreadable = ({ reason }: { readonly reason: string }) => {
      warnings += `${reason}\n`;
    };
    const { after = '' } = next ?? {};
    const mustStop = partEnd(deadline);
    const show = json ? toJsonLine : toLine;
    for await (const object of selectObjects(kept, filtersOf(given), { onUnreadable, after })) {
      text += show(object);
      const isFull = text.length + warnings.length > CHARACTERS_MAX || mustStop();
      if (isFull) return { text, warnings, next: { after: object.key } };
    }
    return { text, warnings };
  }

  async function show({ names, json, next }: RequestOf<'show'>): Promise<OperatorAnswer> {
    const { name, from } = next ?? { name: 0, from: 0 };
    const object = await kept.read(named(names[name] ?? ''));
    const whole = json ? object.text : showObject(object);
    const text = whole.slice(from, from + CHARACTERS_MAX);
    const read = from + text.length;
    if (read < whole.length) return { text, next: { name, from: read } };
    return name + 1 < names.length ? { text, next: { name: name + 1, from: 0 } } : { text };
  }

  async function redrive(
    { names, isDryRun, mayBeOld, kafka, next, ...given }: RequestOf<'redrive'>,
    deadline: Deadline,
  ): Promise<OperatorAnswer> {
    if (!isDryRun && !kafka) throw new Refusal('Nobody said to which brokers the records go.');
    const target = kafka && !isDryRun ? await openTarget(kafka) : NO_TARGET;
    // Its login is good for 15 minutes.
    const isEnd = partEnd(deadline);
    let text = '';
    try {
      const { isWhole, ...done } = await redriveChosen(
        { names, filters: filtersOf(given), isDryRun, mayBeOld },
        {
          ...{ kept, target, streamEpoch, nowMs: now() },
          isOutcome: (topic) => topic === outcomesTopic,
          write: (line) => {
            text += line;
          },
          mustStop: () => isEnd() || text.length > CHARACTERS_MAX,
        },
        next,
      );
      if (!isWhole) return { text, next: done };
      return { text: text + showRedriven(done, isDryRun), isFound: isLeft(done) };
    } finally {
      await target.close();
    }
  }

  return { list, show, redrive };
}
