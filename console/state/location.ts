// The address as the one source of what is shown; the only file that touches the history.
import { signal } from '@preact/signals';
import { formatRoute, parseRoute, type Route } from '../lib/route.ts';

export const route = signal<Route>(parseRoute(location.hash));

/** Where the page stood, by entry of the history: Back returns to the same row. */
const scrolledTo = new Map<string, number>();
let entry = entryKey();

export function followAddress(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => show(true));
}

/** A new entry of the history. */
export function go(next: Route): void {
  history.pushState({ key: crypto.randomUUID() }, '', formatRoute(next));
  show(false);
}

/** The same entry: for what is no step that Back should undo. */
export function change(next: Route): void {
  history.replaceState(history.state, '', formatRoute(next));
  route.value = next;
}

function show(isReturn: boolean): void {
  scrolledTo.set(entry, scrollY);
  const before = route.value;
  entry = entryKey();
  route.value = parseRoute(location.hash);
  const isOtherView = before.view !== route.value.view;
  const top = isReturn ? (scrolledTo.get(entry) ?? 0) : isOtherView ? 0 : scrollY;
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, top)));
  if (isOtherView) requestAnimationFrame(focusHeading);
}

/** For those who do not see that the view is another one. */
function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}

function entryKey(): string {
  const state: unknown = history.state;
  if (state && typeof state === 'object' && 'key' in state) return String(state.key);
  const key = crypto.randomUUID();
  history.replaceState({ key }, '');
  return key;
}
