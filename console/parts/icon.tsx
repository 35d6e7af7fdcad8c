// Signs, drawn here. They say nothing alone: words stand beside them.
const PATHS = {
  error: 'M8 1.5 15 14H1L8 1.5Zm0 4.5v4m0 1.6v.9',
  ok: 'M2.5 8.5 6.5 12.5 13.5 4',
  warning: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 3v4m0 1.6v.9',
  up: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  down: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  same: 'M3 8h10',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  back: 'M10 3 5 8l5 5',
  forward: 'M6 3l5 5-5 5',
  close: 'M3.5 3.5l9 9m0-9l-9 9',
  bin: 'M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
