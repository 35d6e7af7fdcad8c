// A file of the API's: fetched, since a link could not sign in and would fail without a word.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

export type Progress = (words: string) => void;
/** The parts of the file. */
export type Load = (signal: AbortSignal, progress: Progress) => Promise<BlobPart[]>;

interface DownloadProps {
  readonly fileName: string;
  readonly load: Load;
  readonly label: string;
  readonly children: ComponentChildren;
}

interface State {
  readonly words: string;
  readonly abort?: AbortController;
}

export function Download({ fileName, load, label, children }: DownloadProps) {
  const [state, setState] = useState<State>({ words: '' });
  const start = async () => {
    const abort = new AbortController();
    setState({ words: 'Fetching…', abort });
    try {
      const parts = await load(abort.signal, (words) => setState({ words, abort }));
      save(fileName, parts);
      setState({ words: `${fileName} is saved.` });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      setState({ words: abort.signal.aborted ? 'Stopped.' : words });
    }
  };
  return (
    <span class="download">
      <button type="button" aria-label={label} disabled={Boolean(state.abort)} onClick={start}>
        <Icon name="download" />
        {children}
      </button>
      <span role="status">{state.words}</span>
      {state.abort && (
        <button type="button" onClick={() => state.abort?.abort()}>
          Stop
        </button>
      )}
    </span>
  );
}

function save(fileName: string, parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
