// axe-core in the page, by hand: what violates the rules, and what the checker could not decide. The second
// is bounded as well, for a checker that decides nothing finds no violation either.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface Verdict {
  readonly violations: readonly string[];
  /** But for the words in drawings, of which no background can be known: theirs are the colours of all
      quiet text on a panel, which is judged beside them. */
  readonly undecided: readonly string[];
  readonly passed: number;
}

/** What is scrolled away inside a box cannot be judged: so nothing is. */
function openBoxes(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const box of document.querySelectorAll<HTMLElement>('.scroll-box, pre')) {
      box.style.overflow = 'visible';
      box.style.maxBlockSize = 'none';
      box.style.inlineSize = 'max-content';
    }
  });
}

/** @param rules - by name; none: all that the standards have. */
export async function checkAccessibility(
  page: Page,
  rules: readonly string[] = TAGS,
): Promise<Verdict> {
  // By the debugger: the page's own policy does not let it add a script.
  await page.evaluate(SOURCE);
  await openBoxes(page);
  const results = await page.evaluate(
    (tags) =>
      (
        window as unknown as { axe: { run: (where: Document, how: object) => Promise<AxeResults> } }
      ).axe.run(document, { runOnly: tags }),
    [...rules],
  );
  const nodes = (found: AxeResults['violations']) =>
    found.flatMap(({ id, nodes: all }) => all.map(({ target }) => `${id}: ${target.join(' ')}`));
  return {
    violations: nodes(results.violations),
    undecided: nodes(results.incomplete).filter((node) => !node.includes('.plot-drawing')),
    passed: results.passes.reduce((sum, { nodes: all }) => sum + all.length, 0),
  };
}
