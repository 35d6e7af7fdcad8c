// Reads the pages that a batch's rows may be in, and writes those that changed, each whole.
import { mapAll } from '../../platform/settle.ts';
import type { RowIdentity, TableName } from '../fold/change.ts';
import { type RowName, rowName } from '../fold/fold.ts';
import { type Cut, newestOf, type RowImage } from '../fold/image.ts';
import { type ItemKey, TOMBSTONE_SECONDS } from '../table/items.ts';
import { REFUSED, type Stored, type Table } from '../table/table-store.ts';
import { type KeptImage, type Page, packPage, type TextOf, unpackPage } from './page.ts';
import { hashedPlace, pageKey, placeOf, ROWS_A_PAGE_MAX } from './place.ts';
import { keepTexts, readTexts } from './text-store.ts';

const WRITES_AT_ONCE = 16;
/** Up to so many streams each page is asked for by key, a hundred keys a request; beyond, by its first key. */
const STREAMS_BY_KEY_MAX = 25;

/** The pages of a batch as they were read. */
export interface ReadPages {
  /** The newest image of each of the batch's rows, whatever stream brought it. */
  readonly images: ReadonlyMap<RowName, RowImage>;
  readonly own: ReadonlyMap<string, OwnPage>;
}

interface OwnPage extends Page {
  readonly seen: Stored | undefined;
}

export interface PageStore {
  /** @param streams all that bring rows of the table, this one included */
  read(
    changes: readonly RowIdentity[],
    stream: string,
    streams: readonly string[],
  ): Promise<ReadPages>;
  /** `refused`: another one wrote a page meanwhile; what is to be written must be made anew. */
  write(
    moved: ReadonlyMap<RowName, readonly RowImage[]>,
    read: ReadPages,
    cut: Cut | undefined,
  ): Promise<'written' | typeof REFUSED>;
}

export function makePageStore(
  table: Table,
  span: number,
  now: () => number,
  rowsMax = ROWS_A_PAGE_MAX,
): PageStore {
  async function readPlaces(
    places: readonly string[],
    streams: readonly string[],
  ): Promise<Stored[]> {
    if (streams.length <= STREAMS_BY_KEY_MAX) {
      return table.getMany(
        places.flatMap((place) => streams.map((stream) => pageKey(place, stream))),
      );
    }
    const readOne = (place: string) => Array.fromAsync(table.query(place));
    return (await mapAll(places, readOne, WRITES_AT_ONCE)).flat();
  }

  async function writePage(
    key: ItemKey,
    moved: readonly KeptImage[],
    page: OwnPage | undefined,
    isFull: boolean,
  ): Promise<'written' | typeof REFUSED> {
    const nowSeconds = Math.floor(now() / 1000);
    const changed = new Map(moved.map((kept) => [kept.image.key.text, kept]));
    const before = (page?.kept ?? []).filter(({ image }) => !changed.has(image.key.text));
    const kept = [...before, ...changed.values()].filter((row) => !isForgotten(row, nowSeconds));
    const isEmpty = !isFull && kept.every(isForgettable);
    await keepTexts(table, kept, page?.seen);
    return table.put({
      key,
      text: packPage({ isFull, kept }),
      seen: page?.seen,
      ...(isEmpty && { expiresAt: nowSeconds + TOMBSTONE_SECONDS }),
    });
  }

  return {
    async read(changes, stream, streams) {
      const rows = new Map(changes.map((change) => [rowName(change), change]));
      const places = new Set([...rows.values()].map((row) => placeOf(row, span)));
      const pages = new PagesRead();
      const add = async (found: readonly Stored[]) =>
        pages.add(found, await readTexts(table, found));
      await add(await readPlaces([...places], streams));
      const overflowing = [...rows.values()].filter((row) => pages.hasFull(placeOf(row, span)));
      const further = new Set(overflowing.map(hashedPlace)).difference(places);
      await add(await readPlaces([...further], streams));
      return { images: pages.newestOf(rows.keys()), own: pages.pagesOf(stream) };
    },

    async write(moved, { own }, cut) {
      const rooms = new Rooms(own, span, rowsMax);
      const neighbours = new Map<string, KeptImage[]>();
      const elsewhere = new Map<string, KeptImage[]>();
      for (const [name, versions] of moved) {
        const last = versions.at(-1);
        if (!last) continue;
        const { place, before } = rooms.of(name, last);
        const pages = place === placeOf(last, span) ? neighbours : elsewhere;
        const kept = pages.get(place) ?? [];
        kept.push(keep(versions, before, cut, now()));
        pages.set(place, kept);
      }
      const write = ([place, kept]: [string, KeptImage[]]) => {
        const key = pageKey(place, kept[0]?.image.stream ?? '');
        return writePage(key, kept, own.get(place), rooms.isFull(place));
      };
      // A row stands elsewhere only once its neighbours' page is stored as full: decision 0015.
      for (const pages of [neighbours, elsewhere]) {
        const written = await mapAll(pages, write, WRITES_AT_ONCE);
        if (written.includes(REFUSED)) return REFUSED;
      }
      return 'written';
    },
  };
}

/** Without the tombstone of a row that came from another stream, what that stream's page has would live again. */
function isForgettable({ image }: KeptImage): boolean {
  return image.row === null && image.earlier === undefined;
}

function isForgotten(kept: KeptImage, nowSeconds: number): boolean {
  const isOld = nowSeconds - (kept.goneSince ?? nowSeconds) > TOMBSTONE_SECONDS;
  return isForgettable(kept) && isOld;
}

/** The first change after a cut keeps the row as it was there; later ones pass that on. */
function keep(
  versions: readonly RowImage[],
  before: KeptImage | undefined,
  cut: Cut | undefined,
  nowMs: number,
): KeptImage {
  const image = versions.at(-1);
  if (!image) throw new RangeError('A row that moved has an image.');
  const gone = image.row ? {} : { goneSince: Math.floor(nowMs / 1000) };
  if (!cut || image.offset <= cut.offset) return { image, ...gone };
  if (before?.atCut?.rebuild === cut.rebuild) return { image, ...gone, atCut: before.atCut };
  const then = [...(before ? [before.image] : []), ...versions].findLast(
    ({ offset }) => offset <= cut.offset,
  );
  return { image, ...gone, atCut: { rebuild: cut.rebuild, image: then } };
}

class PagesRead {
  readonly #pages: (Page & { readonly seen: Stored })[] = [];
  readonly #full = new Set<string>();
  readonly #byRow = new Map<string, RowImage[]>();

  add(pages: readonly Stored[], textOf: TextOf): void {
    for (const seen of pages) {
      const page = toPage(seen, textOf);
      this.#pages.push({ ...page, seen });
      if (page.isFull) this.#full.add(seen.key.pk);
      for (const { image } of page.kept) {
        const name = rowName(image);
        const images = this.#byRow.get(name);
        if (images) images.push(image);
        else this.#byRow.set(name, [image]);
      }
    }
  }

  hasFull(place: string): boolean {
    return this.#full.has(place);
  }

  newestOf(names: Iterable<RowName>): Map<RowName, RowImage> {
    const images = new Map<RowName, RowImage>();
    for (const name of names) {
      const image = newestOf(this.#byRow.get(name) ?? []);
      if (image) images.set(name, image);
    }
    return images;
  }

  pagesOf(stream: string): Map<string, OwnPage> {
    const own = this.#pages.filter(({ seen }) => seen.key.sk === stream);
    return new Map(own.map((page) => [page.seen.key.pk, page]));
  }
}

export function toPage({ key, text }: Stored, textOf: TextOf): Page {
  const table = key.pk.slice(0, key.pk.indexOf('#')) as TableName;
  return unpackPage(table, key.sk, text, textOf);
}

/** Which page a row goes to: the one it is in, else its neighbours' while that has room. */
class Rooms {
  readonly #own: ReadonlyMap<string, OwnPage>;
  readonly #span: number;
  readonly #rowsMax: number;
  readonly #rows = new Map<string, { place: string; kept: KeptImage }>();
  readonly #counts = new Map<string, number>();

  constructor(own: ReadonlyMap<string, OwnPage>, span: number, rowsMax: number) {
    this.#own = own;
    this.#span = span;
    this.#rowsMax = rowsMax;
    for (const [place, { kept }] of own) {
      this.#counts.set(place, kept.length);
      for (const one of kept) this.#rows.set(rowName(one.image), { place, kept: one });
    }
  }

  of(name: RowName, row: RowImage): { place: string; before: KeptImage | undefined } {
    const found = this.#rows.get(name);
    if (found) return { place: found.place, before: found.kept };
    const place = placeOf(row, this.#span);
    const count = this.#counts.get(place) ?? 0;
    if (this.isFull(place)) return { place: hashedPlace(row), before: undefined };
    this.#counts.set(place, count + 1);
    return { place, before: undefined };
  }

  /** Stays so when rows of it are forgotten: others stand elsewhere. */
  isFull(place: string): boolean {
    return this.#own.get(place)?.isFull === true || (this.#counts.get(place) ?? 0) >= this.#rowsMax;
  }
}
