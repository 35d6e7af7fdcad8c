// Files of the API's, whole or page by page.

import { ApiFailure, ask, linkCursor, type Pairs } from './client.ts';
import type { ExportFormat, OutcomesQuestion } from './outcomes.ts';
import { exportPath, pagePath } from './outcomes.ts';

const PIECE_ROWS = '1000';

export async function fetchFile(path: string, signal: AbortSignal): Promise<BlobPart[]> {
  return [await (await ask(path, signal)).blob()];
}

/**
 * All rows that match: in one answer, or, where that would be too large for one, page by page.
 * @param onRows - told how many are there.
 */
export async function fetchExport(
  question: OutcomesQuestion,
  format: ExportFormat,
  more: Pairs,
  signal: AbortSignal,
  onRows: (count: number) => void,
): Promise<BlobPart[]> {
  try {
    return await fetchFile(exportPath(question, format, more), signal);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 413) throw error;
  }
  const parts: BlobPart[] = [];
  let cursor: string | undefined = '';
  let rows = 0;
  while (cursor !== undefined) {
    const path = pagePath({ ...question, cursor }, format, PIECE_ROWS, more);
    const response = await ask(path, signal);
    cursor = linkCursor(response.headers.get('link'), 'next');
    const text = await response.text();
    const isHeadless = format === 'csv' && parts.length > 0;
    parts.push(isHeadless ? text.slice(text.indexOf('\r\n') + 2) : text);
    // The last page may be shorter.
    rows += Number(PIECE_ROWS);
    onRows(rows);
  }
  return parts;
}
