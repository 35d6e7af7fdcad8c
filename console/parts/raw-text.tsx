// What came in, as it came: foreign text, which is shown and never interpreted.
import { useState } from 'preact/hooks';
import { bytes } from '../lib/format.ts';
import { locale } from '../state/reader.ts';
import { Download } from './download.tsx';
import { Icon } from './icon.tsx';

/** More than this makes the page slow; the file has it all. */
const SHOWN_MAX = 100_000;

interface RawTextProps {
  readonly title: string;
  readonly text: string;
  readonly fileName: string;
}

export function RawText({ title, text, fileName }: RawTextProps) {
  const size = new TextEncoder().encode(text).length;
  const isCut = text.length > SHOWN_MAX;
  return (
    <section class="panel raw" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        <span class="soft number">{bytes(size, locale)}</span>
        <Copy text={text} />
        <Download
          fileName={fileName}
          label={`Save the ${title.toLowerCase()}`}
          load={async () => [text]}
        >
          Save
        </Download>
      </div>
      {isCut && <p>Only the first {bytes(SHOWN_MAX, locale)} are shown; the saved file has all.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{isCut ? text.slice(0, SHOWN_MAX) : text}</pre>
    </section>
  );
}

export function Copy({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied.'),
      () => setSaid('The browser does not allow copying here.'),
    );
  return (
    <span class="download">
      <button type="button" onClick={copy}>
        <Icon name="copy" />
        Copy
      </button>
      <span role="status">{said}</span>
    </span>
  );
}
