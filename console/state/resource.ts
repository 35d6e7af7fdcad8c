// An answer of the API on its way: nothing yet, an answer, an older answer while the next one comes, or what
// went wrong. The last answers are kept by their key, so that Back paints at once.
import { useEffect, useRef, useState } from 'preact/hooks';

const KEPT_MAX = 60;
const kept = new Map<string, unknown>();

export interface Resource<T> {
  readonly value: T | undefined;
  readonly failure: Error | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Held<T> {
  readonly key: string;
  readonly value?: T;
  readonly failure?: Error;
  readonly isLoading: boolean;
}

export interface ResourceOptions {
  /** Asks again and again, while the page is seen. */
  readonly everyMs?: number | undefined;
  /** Shows what an earlier key gave until the answer of this one is there. */
  readonly keepsOlder?: boolean;
}

/**
 * @param key - says what is loaded; with another key it is loaded anew. Undefined: nothing to load.
 */
export function useResource<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs, keepsOlder = false }: ResourceOptions = {},
): Resource<T> {
  const [held, setHeld] = useState<Held<T>>(() => begin<T>(key));
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const older = useRef<T | undefined>(undefined);
  // Of a new turn, too: it loads anew.
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    setHeld((before) => (before.key === key ? { ...before, isLoading: true } : begin<T>(key)));
    latest.current(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        keep(key, value);
        setHeld({ key, value, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const failure = error instanceof Error ? error : new Error(String(error));
        setHeld((before) => ({ ...before, key, failure, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);
  useEffect(() => repeat(everyMs, () => setTurn((n) => n + 1)), [everyMs, key]);
  const current = held.key === (key ?? '') ? held : begin<T>(key);
  if (current.value !== undefined) older.current = current.value;
  const reload = () => setTurn((n) => n + 1);
  const value = current.value ?? (keepsOlder && current.isLoading ? older.current : undefined);
  return { value, failure: current.failure, isLoading: current.isLoading, reload };
}

/** Older answers, as after a deletion, are none any more, but for this one. */
export function forgetAnswers(stillTrue: string): void {
  for (const key of kept.keys()) if (key !== stillTrue) kept.delete(key);
}

function begin<T>(key: string | undefined): Held<T> {
  if (key === undefined) return { key: '', isLoading: false };
  const value = kept.get(key) as T | undefined;
  return { key, isLoading: true, ...(value !== undefined && { value }) };
}

function keep(key: string, value: unknown): void {
  kept.delete(key);
  kept.set(key, value);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}

function repeat(everyMs: number | undefined, act: () => void): (() => void) | undefined {
  if (everyMs === undefined) return undefined;
  const actIfSeen = () => {
    if (!document.hidden) act();
  };
  const timer = setInterval(actIfSeen, everyMs);
  document.addEventListener('visibilitychange', actIfSeen);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', actIfSeen);
  };
}
