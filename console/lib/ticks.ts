// Round values for an axis. Pure.

/** Few, round, from at or below the smallest to at or above the largest. */
export function ticks(smallest: number, largest: number, wanted = 4): number[] {
  const low = Math.min(0, smallest);
  const high = Math.max(0, largest);
  if (!(high > low) || !Number.isFinite(high - low)) return [0, 1];
  const step = roundStep((high - low) / wanted);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** At most so many of the places 0 … count - 1, evenly, the last among them. */
export function labelledPlaces(count: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, most)));
  const places: number[] = [];
  for (let place = count - 1; place >= 0; place -= step) places.unshift(place);
  return places;
}
