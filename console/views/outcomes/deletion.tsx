// Deleting for good: offered only where the API allows it, and only after the number was said again.
import { useRef, useState } from 'preact/hooks';
import { ApiFailure } from '../../api/client.ts';
import { deleteOutcome, deleteOutcomes, mayDelete } from '../../api/outcomes.ts';
import { type Filters, filterPairs, hasFilter } from '../../lib/filters.ts';
import { decimal } from '../../lib/format.ts';
import { Icon } from '../../parts/icon.tsx';
import { locale } from '../../state/reader.ts';
import { forgetAnswers, useResource } from '../../state/resource.ts';

const MAY_DELETE = 'may delete';

interface DeleteMatchingProps {
  readonly filters: Filters;
  readonly count: string | undefined;
  readonly onDeleted: () => void;
}

export function DeleteMatching({ filters, count, onDeleted }: DeleteMatchingProps) {
  const isAllowed = useResource(MAY_DELETE, mayDelete).value;
  const [progress, setProgress] = useState('');
  if (!isAllowed || !count || count === '0' || !hasFilter(filters)) return null;
  const run = async (signal: AbortSignal) => {
    let remaining = count;
    do {
      const answer = await deleteOutcomes(filters, remaining, signal);
      remaining = answer.remaining;
      setProgress(`${decimal(remaining, locale)} still to delete…`);
    } while (remaining !== '0');
    setProgress('');
    onDeleted();
  };
  const words = `${decimal(count, locale)} ${count === '1' ? 'outcome' : 'outcomes'}`;
  return (
    <Deletion title={`Delete ${words}`} confirmation={count} progress={progress} run={run}>
      <ul>
        {filterPairs(filters).map(([name, value]) => (
          <li key={name}>
            <code>{name}</code> = {value}
          </li>
        ))}
      </ul>
    </Deletion>
  );
}

export function DeleteOne({
  id,
  onDeleted,
}: {
  readonly id: string;
  readonly onDeleted: () => void;
}) {
  const isAllowed = useResource(MAY_DELETE, mayDelete).value;
  if (!isAllowed) return null;
  const run = async (signal: AbortSignal) => {
    await deleteOutcome(id, signal);
    onDeleted();
  };
  return (
    <Deletion title={`Delete outcome ${id}`} confirmation={undefined} progress="" run={run}>
      <p>Its sums go with it; the same message sent again does not bring it back.</p>
    </Deletion>
  );
}

interface DeletionProps {
  readonly title: string;
  /** What must be typed. */
  readonly confirmation: string | undefined;
  readonly progress: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly children: preact.ComponentChildren;
}

function Deletion({ title, confirmation, progress, run, children }: DeletionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState('');
  const [abort, setAbort] = useState<AbortController | undefined>(undefined);
  const start = async () => {
    const controller = new AbortController();
    setAbort(controller);
    setFailure('');
    try {
      await run(controller.signal);
      forgetAnswers(MAY_DELETE);
      dialog.current?.close();
    } catch (error) {
      setFailure(
        error instanceof ApiFailure ? error.message : 'Stopped: what was deleted is gone.',
      );
    }
    setAbort(undefined);
  };
  const close = () => {
    abort?.abort();
    dialog.current?.close();
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        <Icon name="bin" />
        {title}…
      </button>
      <dialog ref={dialog} aria-label={title} onClose={() => setTyped('')}>
        <h2>{title}?</h2>
        <p>This cannot be undone.</p>
        {children}
        {confirmation && (
          <label class="field">
            <span>Type {confirmation} to confirm</span>
            <input
              value={typed}
              inputMode="numeric"
              autoComplete="off"
              onInput={(event) => setTyped(event.currentTarget.value.trim())}
            />
          </label>
        )}
        <p role="status">{progress}</p>
        {failure && (
          <p role="alert" class="field-error">
            {failure}
          </p>
        )}
        <div class="line">
          <button
            type="button"
            class="danger"
            disabled={Boolean(abort) || (confirmation !== undefined && typed !== confirmation)}
            onClick={start}
          >
            Delete
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
