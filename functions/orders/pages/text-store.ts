// Long texts of row images stand in items of their own, by their hashes: so no status makes a page too large.
// Written before the page that refers to them and never again, so they need no order and no condition.
import { itemKeys } from '../table/items.ts';
import type { Stored, Table } from '../table/table-store.ts';
import { hashesIn, type KeptImage, longTextsOf, type TextOf } from './page.ts';
import { isPage } from './place.ts';

/** What the pages among the items are to be read with. */
export async function readTexts(
  table: Pick<Table, 'getMany'>,
  items: readonly Stored[],
): Promise<TextOf> {
  const pages = items.filter(({ key }) => isPage(key));
  const hashes = new Set(pages.flatMap(({ text }) => hashesIn(text)));
  const found = hashes.size > 0 ? await table.getMany([...hashes].map(itemKeys.text)) : [];
  const texts = new Map(found.map(({ key, text }) => [key.sk, text]));
  return (hash) => {
    const text = texts.get(hash);
    if (text === undefined) throw new Error(`The text ${hash} of a page is not there.`);
    return text;
  };
}

/** Keeps what the page as it was does not refer to yet. */
export async function keepTexts(
  table: Pick<Table, 'put'>,
  kept: readonly KeptImage[],
  page: Stored | undefined,
): Promise<void> {
  const known = new Set(page ? hashesIn(page.text) : []);
  for (const [hash, text] of longTextsOf(kept)) {
    if (!known.has(hash)) await table.put({ key: itemKeys.text(hash), text, seen: undefined });
  }
}
