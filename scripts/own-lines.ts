// A source map with our own lines alone. Those of packages are nine tenths of it, and with source maps enabled each
// start reads the whole of it; a line of a package is shown where it stands in the bundle.
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

export function ownLines(text: string): string {
  const map: SourceMap = JSON.parse(text);
  const isOwn = map.sources.map((source) => !source.includes('node_modules/'));
  const sources = numbered(isOwn.map((own, index) => (own ? index : undefined)));
  const names = new Map<number, number>();
  const nameOf = (index: number) => {
    if (!names.has(index)) names.set(index, names.size);
    return names.get(index) ?? 0;
  };
  const own = decode(map.mappings).map((line) => {
    let wasOwn = false;
    return line.flatMap((segment): SourceMapSegment[] => {
      const source = segment.length === 1 ? undefined : sources.get(segment[1]);
      if (segment.length === 1 || source === undefined) {
        // Where a package begins, what was ours ends.
        const end: SourceMapSegment[] = wasOwn ? [[segment[0]]] : [];
        wasOwn = false;
        return end;
      }
      wasOwn = true;
      const [column, , sourceLine, sourceColumn, name] = segment;
      return name === undefined
        ? [[column, source, sourceLine, sourceColumn]]
        : [[column, source, sourceLine, sourceColumn, nameOf(name)]];
    });
  });
  return JSON.stringify({
    ...map,
    sources: map.sources.filter((_, index) => isOwn[index]),
    mappings: encode(own),
    names: [...names.keys()].map((index) => map.names[index]),
  });
}

/** Old numbers → new ones, without those that fall out. */
function numbered(kept: readonly (number | undefined)[]): Map<number, number> {
  const numbers = kept.filter((index) => index !== undefined);
  return new Map(numbers.map((index, place) => [index, place]));
}
