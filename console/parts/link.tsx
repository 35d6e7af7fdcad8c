// A link to a view: an address that can be opened in another tab, copied and shared.
import type { ComponentChildren } from 'preact';
import { formatRoute, type Route } from '../lib/route.ts';
import { go } from '../state/location.ts';

interface LinkProps {
  readonly to: Route;
  readonly children: ComponentChildren;
  readonly class?: string | undefined;
  readonly current?: 'page' | 'true' | undefined;
  readonly label?: string | undefined;
}

export function Link({ to, children, class: className, current, label }: LinkProps) {
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={formatRoute(to)}
      class={className}
      aria-current={current}
      aria-label={label}
      onClick={open}
    >
      {children}
    </a>
  );
}
