// Figures by day, as bars or a line. The day under the pointer, or the one that the arrow keys reached, is
// read out above the plot; the same figures stand in a table below it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { day as dayText } from '../lib/format.ts';
import { locale } from '../state/reader.ts';
import { LEFT, PlotDrawing } from './plot-drawing.tsx';

export interface DayPoint {
  readonly day: string;
  /** Null: there is none, which is not zero. */
  readonly value: number | null;
  /** In words, with every digit. */
  readonly text: string;
  /** A lower part of the bar. */
  readonly part?: number;
}

export interface DayPlotProps {
  readonly name: string;
  readonly points: readonly DayPoint[];
  /** What the parts of the bars are. */
  readonly legend?: string;
  readonly kind: 'bars' | 'line';
  readonly axis: (value: number) => string;
  /** The axis ends here, not at the largest value. */
  readonly top?: number;
  /** What a click or Enter on a day does. */
  readonly onPick?: (day: string) => void;
}

export function DayPlot(props: DayPlotProps) {
  const { name, legend, points, onPick } = props;
  const [place, setPlace] = useState<number | undefined>(undefined);
  const [frame, width] = useWidth();
  const last = points.length - 1;
  const at = Math.min(place ?? last, last);
  const point = points[at];
  if (!point) return null;
  const move = (event: KeyboardEvent) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -last, End: last };
    const step = steps[event.key as keyof typeof steps];
    if (event.key === 'Enter') onPick?.(point.day);
    if (step === undefined) return;
    event.preventDefault();
    setPlace(Math.max(0, Math.min(last, at + step)));
  };
  const reach = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT);
    setPlace(Math.max(0, Math.min(last, Math.floor(share * points.length))));
  };
  return (
    <figure class="plot">
      <figcaption>
        <span>
          <b>{name}</b> {legend && <span class="soft">{legend}</span>}
        </span>
        <span class="readout number">
          <b>{dayText(point.day, locale, 'weekday')}</b> {point.text}
        </span>
      </figcaption>
      <div
        class={onPick ? 'plot-frame pickable' : 'plot-frame'}
        ref={frame}
        role="slider"
        tabIndex={0}
        aria-label={`${name} by day: arrow keys go from day to day`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`${dayText(point.day, locale, 'weekday')}: ${point.text}`}
        onKeyDown={move}
        onPointerMove={reach}
        onPointerDown={reach}
        onPointerLeave={() => setPlace(undefined)}
        onClick={() => onPick?.(point.day)}
      >
        <PlotDrawing {...props} {...{ width, at: place === undefined ? undefined : at }} />
      </div>
      <DayTable name={name} points={points} />
    </figure>
  );
}

function DayTable({ name, points }: Pick<DayPlotProps, 'name' | 'points'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="scroll-box" tabIndex={0} aria-label={`${name} by day`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Day (UTC)</th>
                <th scope="col">{name}</th>
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map(({ day, text }) => (
                <tr key={day}>
                  <th scope="row" class="number">
                    {day}
                  </th>
                  <td class="number">{text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([one]) => setWidth(one?.contentRect.width ?? 0));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
