// One of a few, as links side by side: each has its address.
import type { Route } from '../lib/route.ts';
import { Link } from './link.tsx';

interface ChoiceProps {
  readonly name: string;
  readonly options: readonly {
    readonly words: string;
    readonly to: Route;
    readonly isChosen: boolean;
  }[];
}

export function Choice({ name, options }: ChoiceProps) {
  return (
    <nav class="choice" aria-label={name}>
      {options.map(({ words, to, isChosen }) => (
        <Link key={words} to={to} current={isChosen ? 'true' : undefined}>
          {words}
        </Link>
      ))}
    </nav>
  );
}
