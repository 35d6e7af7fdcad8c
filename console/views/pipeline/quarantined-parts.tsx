// A refused record: the reason, the command, and what came in.
import type { QuarantinedRecord } from '../../api/pipeline.ts';
import { instant } from '../../lib/format.ts';
import { Copy, RawText } from '../../parts/raw-text.tsx';
import { locale } from '../../state/reader.ts';

export function QuarantinedParts({ record }: { readonly record: QuarantinedRecord }) {
  const { topic, partition, offset, headers, timestamp, kept_at: keptAt } = record;
  const value = part(record.value, record.value_base64);
  const headerLines = (headers ?? []).map(
    (header) => `${header.name}: ${part(header.value, header.value_base64).text}`,
  );
  return (
    <>
      <dl class="fields">
        <div>
          <dt>Refused because</dt>
          <dd class="reason">{record.reason ?? 'the reason cannot be read'}</dd>
        </div>
        <div>
          <dt>Send it again</dt>
          <dd class="command">
            <code>{record.redrive}</code>
            <Copy text={record.redrive} />
          </dd>
        </div>
        <div>
          <dt>Produced, kept</dt>
          <dd class="number">
            {timestamp ? `${instant(timestamp, locale)} UTC` : 'not known'},{' '}
            {keptAt ? `${instant(keptAt, locale)} UTC` : 'not known'}
          </dd>
        </div>
        <div>
          <dt>Key</dt>
          <dd>
            <code>{part(record.key, record.key_base64).text}</code>
          </dd>
        </div>
        {headerLines.length > 0 && (
          <div>
            <dt>Headers</dt>
            <dd>
              {headerLines.map((line) => (
                <code key={line}>{line} </code>
              ))}
            </dd>
          </div>
        )}
      </dl>
      <RawText
        title={value.isBytes ? 'Raw record, in base64' : 'Raw record'}
        text={value.text}
        fileName={`${topic}-${partition}-${offset}.txt`}
      />
    </>
  );
}

/** Kafka's null, text, or bytes that are no text. */
function part(text: string | null, base64: string | null) {
  if (text !== null) return { text, isBytes: false };
  return base64 === null ? { text: 'null', isBytes: false } : { text: base64, isBytes: true };
}
