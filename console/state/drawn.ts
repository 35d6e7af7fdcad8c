// How many of many rows are drawn by now: some at once, the others frame by frame, so that the page is never deaf for
// as long as a thousand take.
import { useEffect, useState } from 'preact/hooks';

const ROWS_A_FRAME = 200;

export function useDrawn(total: number): number {
  const [drawn, setDrawn] = useState(ROWS_A_FRAME);
  useEffect(() => {
    if (drawn >= total) return undefined;
    const frame = requestAnimationFrame(() => setDrawn(drawn + ROWS_A_FRAME));
    return () => cancelAnimationFrame(frame);
  }, [drawn, total]);
  return drawn;
}
