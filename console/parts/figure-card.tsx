// One figure with its name, and what stands under it.
import type { ComponentChildren } from 'preact';

interface FigureProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly tone?: 'bad' | 'warn' | 'good';
}

export function FigureCard({ name, value, children, tone }: FigureProps) {
  return (
    <div class={tone ? `card figure-card ${tone}` : 'card figure-card'}>
      <p class="figure-name">{name}</p>
      <p class="figure number">{value}</p>
      {children}
    </div>
  );
}
