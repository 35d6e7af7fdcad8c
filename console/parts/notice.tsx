// What stands where an answer is not: it comes, there is nothing, it failed.
import type { ComponentChildren } from 'preact';
import type { Resource } from '../state/resource.ts';
import { Icon } from './icon.tsx';

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="notice" role="status">
      Loading {what}…
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="notice empty">{children}</div>;
}

interface FailureProps {
  readonly failure: Error;
  readonly what: string;
  readonly onRetry: () => void;
}

export function Failure({ failure, what, onRetry }: FailureProps) {
  return (
    <div class="notice failure" role="alert">
      <Icon name="error" />
      <span>
        <b>No {what}.</b> {failure.message}
      </span>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

interface LoadedProps<T> {
  readonly of: Resource<T>;
  readonly what: string;
  /** Something else says that it is loading. */
  readonly isQuiet?: boolean;
  readonly children: (value: T) => ComponentChildren;
}

/** The answer, also an older one, under a word on what went wrong with the newer. */
export function Loaded<T>({ of, what, isQuiet, children }: LoadedProps<T>) {
  const { value, failure, isLoading, reload } = of;
  return (
    <>
      {failure && (
        <Failure failure={failure} what={`newer ${what}`.slice(value ? 0 : 6)} onRetry={reload} />
      )}
      {value === undefined && !failure && isLoading && !isQuiet && <Loading what={what} />}
      {value !== undefined && children(value)}
    </>
  );
}
