// The known name that a misspelt one most likely means. Pure.

/** `winstatus` and `win-status` are `win_status` to whoever writes them. */
const bare = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

export function closestName(name: string, known: readonly string[]): string | undefined {
  const asked = bare(name);
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(asked, bare(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const isClose = best && best.distance <= Math.max(1, Math.floor(asked.length / 3));
  return isClose ? best.candidate : undefined;
}

/** Letters to add, drop or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    row = [...b].reduce(
      (next, other, j) => {
        const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
        next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
        return next;
      },
      [i + 1],
    );
  }
  return row[b.length] ?? 0;
}
