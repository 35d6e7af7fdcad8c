// How far each partition is read. Unknown is not zero, and is said.
import { useRef } from 'preact/hooks';
import type { Stream } from '../../api/pipeline.ts';
import { decimal, duration, instant } from '../../lib/format.ts';
import { Empty } from '../../parts/notice.tsx';
import { locale } from '../../state/reader.ts';

interface StreamsProps {
  readonly streams: readonly Stream[];
  /** When they were as they are. */
  readonly at: string;
}

const HEADS = ['Topic', 'Partition', 'Position', 'Newest event', 'Rate', 'Behind'] as const;
const WORDS = /^Topic$/;

export function Streams({ streams, at }: StreamsProps) {
  const rates = useRates(streams, at);
  return (
    <section class="panel" aria-labelledby="streams">
      <div class="panel-head">
        <h2 id="streams">Topics</h2>
      </div>
      {streams.length === 0 ? (
        <Empty>Nothing has been consumed yet.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="scroll-box" tabIndex={0} aria-label="Table of partitions">
          <table>
            <thead>
              <tr>
                {HEADS.map((head) => (
                  <th key={head} scope="col" class={WORDS.test(head) ? '' : 'end'}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {streams.map((stream) => (
                <StreamRow key={keyOf(stream)} stream={stream} rate={rates.get(keyOf(stream))} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function StreamRow({
  stream,
  rate,
}: {
  readonly stream: Stream;
  readonly rate: number | undefined;
}) {
  const { half, topic, partition, offset, newest_event_at: newest, age_seconds: age, lag } = stream;
  return (
    <tr>
      <th scope="row">
        {topic} <small>{half}</small>
      </th>
      <td class="end number">{partition}</td>
      <td class="end number">{offset === null ? 'nothing read' : decimal(offset, locale)}</td>
      <td class="end number" title={newest ? `${instant(newest, locale)} UTC` : undefined}>
        {age === null ? 'not known' : `${duration(age, locale)} old`}
      </td>
      <td class="end number">
        {rate === undefined ? 'measuring…' : `${decimal(rate.toFixed(1), locale)} /s`}
      </td>
      <td class="end number">{lag === null ? 'not known' : <b>{decimal(lag, locale)}</b>}</td>
    </tr>
  );
}

interface Reading {
  readonly atMs: number;
  readonly offset: string;
}

/** Records a second between the first reading of the last minute and this one. */
function useRates(streams: readonly Stream[], at: string): ReadonlyMap<string, number> {
  const readings = useRef(new Map<string, Reading[]>());
  const atMs = Date.parse(at);
  const rates = new Map<string, number>();
  for (const stream of streams) {
    if (stream.offset === null) continue;
    const key = keyOf(stream);
    const earlier = (readings.current.get(key) ?? []).filter(
      (one) => one.atMs > atMs - 60_000 && one.atMs < atMs,
    );
    readings.current.set(key, [...earlier, { atMs, offset: stream.offset }]);
    const [first] = earlier;
    if (!first) continue;
    const records = Number(BigInt(stream.offset) - BigInt(first.offset));
    rates.set(key, (records / (atMs - first.atMs)) * 1000);
  }
  return rates;
}

function keyOf({ half, topic, partition }: Stream): string {
  return `${half} ${topic} ${partition}`;
}
