// The drawing of a plot, in pixels: what is read aloud stands in day-plot.tsx.
import { day as dayText } from '../lib/format.ts';
import { labelledPlaces, ticks } from '../lib/ticks.ts';
import { locale } from '../state/reader.ts';
import type { DayPlotProps, DayPoint } from './day-plot.tsx';

const HEIGHT = 168;
const BELOW = 22;
const ABOVE = 8;
/** The place of the axis' words. */
export const LEFT = 46;
const LABEL_WIDTH = 74;
const BAR_WIDTH_MAX = 48;

interface DrawingProps extends DayPlotProps {
  readonly width: number;
  /** The day that is read out. */
  readonly at: number | undefined;
}

interface Scale {
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly step: number;
}

export function PlotDrawing(props: DrawingProps) {
  const { points, kind, axis, top, width, at } = props;
  if (width < LEFT + 20) return <svg class="plot-drawing" aria-hidden="true" />;
  const values = points.map(({ value }) => value ?? 0);
  const marks = top === undefined ? ticks(Math.min(...values), Math.max(...values)) : ticks(0, top);
  const scale = makeScale(points.length, width, marks);
  const labels = labelledPlaces(points.length, Math.floor((width - LEFT) / LABEL_WIDTH));
  return (
    <svg class="plot-drawing" viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
      {marks.map((mark) => (
        <g key={mark}>
          <line
            class={mark === 0 ? 'axis' : 'grid'}
            x1={LEFT}
            x2={width}
            y1={scale.y(mark)}
            y2={scale.y(mark)}
          />
          <text class="mark" x={LEFT - 6} y={scale.y(mark) + 4}>
            {axis(mark)}
          </text>
        </g>
      ))}
      {at !== undefined && (
        <rect
          class="reached"
          x={scale.x(at)}
          y={ABOVE}
          width={scale.step}
          height={HEIGHT - BELOW - ABOVE}
        />
      )}
      {kind === 'bars' ? <Bars {...{ points, scale }} /> : <Line {...{ points, scale }} />}
      {labels.map((place) => (
        <text
          key={place}
          class={place === points.length - 1 ? 'label last' : 'label'}
          x={place === points.length - 1 ? width : scale.x(place) + scale.step / 2}
          y={HEIGHT - 5}
        >
          {dayText(points[place]?.day ?? '', locale, points.length > 300 ? 'month' : 'short')}
        </text>
      ))}
    </svg>
  );
}

function makeScale(count: number, width: number, marks: readonly number[]): Scale {
  const [low = 0, high = 1] = [marks[0], marks.at(-1)];
  const step = (width - LEFT) / count;
  const height = HEIGHT - BELOW - ABOVE;
  return {
    step,
    x: (place) => LEFT + place * step,
    y: (value) => ABOVE + height - ((value - low) / (high - low)) * height,
  };
}

interface MarksProps {
  readonly points: readonly DayPoint[];
  readonly scale: Scale;
}

/** One path for all: 4,000 days are one element. A day that is not zero is seen, however small it is. */
function Bars({ points, scale }: MarksProps) {
  const gap = scale.step > 4 ? 1 : scale.step > 1.5 ? 0.4 : 0;
  const width = Math.min(BAR_WIDTH_MAX, scale.step - gap);
  const bar = (place: number, value: number | null | undefined) => {
    if (!value) return '';
    const zero = scale.y(0);
    const height = Math.max(1, Math.abs(scale.y(value) - zero));
    const y = value > 0 ? zero - height : zero;
    const x = scale.x(place) + (scale.step - width) / 2;
    return `M${x} ${y}h${width}v${height}h${-width}Z`;
  };
  return (
    <>
      <path class="bars" d={points.map(({ value }, place) => bar(place, value)).join('')} />
      <path class="bars part" d={points.map(({ part }, place) => bar(place, part)).join('')} />
    </>
  );
}

/** A gap where a day has no value. */
function Line({ points, scale }: MarksProps) {
  let isDrawing = false;
  const path = points.map(({ value }, place) => {
    if (value === null) {
      isDrawing = false;
      return '';
    }
    const command = isDrawing ? 'L' : 'M';
    isDrawing = true;
    const x = scale.x(place) + scale.step / 2;
    // A day alone between gaps is a dot: a line to itself, with round ends.
    return `${command}${x} ${scale.y(value)}${command === 'M' ? `h0` : ''}`;
  });
  return <path class="line" d={path.join('')} />;
}
