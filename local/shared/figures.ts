// How figures read on a terminal. Pure.

/** How much of work of a known size is done, and when the rest will be if it goes on so. */
export function shareOf(done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const percent = `${Math.floor(share * 100)} %`;
  if (share === 0) return percent;
  const leftS = Math.round((elapsedMs * (1 - share)) / share / 1000);
  return `${percent} · ${leftS < 120 ? `${leftS} s` : `${Math.round(leftS / 60)} min`} left`;
}

/** Thousands apart, on the digits as they are: a sum of money is never made a double. */
export function grouped(number: number | string): string {
  return String(number).replace(/\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '$&,');
}
