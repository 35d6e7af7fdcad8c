// The endpoints over the outcomes.

import { dailyStatsQuery, isOfDay, type Reach, statsQuery } from '../query/figures-query.ts';
import { rowFiltersOf, timeRangeOf } from '../query/filters.ts';
import { outcomeQuery } from '../query/outcomes-query.ts';
import {
  type FigureParameters,
  figureParameters,
  filterParameters,
  listParameters,
} from '../query/parameters.ts';
import type { FiguresWay } from '../query/reach.ts';
import { splitRange } from '../query/time-range.ts';
import { conflictingParameters, jsonAnswer } from '../respond/answer.ts';
import { renderDailyStats, renderStats } from '../respond/figures.ts';
import { renderDetail } from '../respond/outcome.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import { type Deletion, deletionByFilter, deletionOfOne } from './deletion.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { readFigures } from './list-reach.ts';
import { noSuchOutcome, readId } from './outcome-id.ts';
import { answerList } from './outcome-pages.ts';

/** @param deletion undefined: nothing can be deleted. */
export function outcomeEndpoints(
  store: OutcomesStore,
  { deletion, now }: { deletion?: Deletion | undefined; now: () => number },
): Readonly<Record<string, Endpoint>> {
  return {
    '/api/outcomes/': defineEndpoint({
      name: 'Auction Outcome List',
      description: 'Outcomes, newest first. As CSV or NDJSON: all that match, with every field.',
      formats: ['json', 'csv', 'ndjson'],
      parameters: listParameters,
      response: 'outcomePage',
      answer: ({ request, parameters, format }) =>
        answerList({ request, parameters, store }, format),
      ...(deletion && { methods: { DELETE: deletionByFilter(deletion, now) } }),
    }),
    '/api/outcomes/winners/': defineEndpoint({
      name: 'Winners',
      description: 'The same for the outcomes that won.',
      formats: ['json', 'csv', 'ndjson'],
      parameters: listParameters,
      response: 'outcomePage',
      answer: ({ request, parameters, format }) =>
        answerList({ request, parameters: { ...parameters, isWin: true }, store }, format),
    }),
    '/api/outcomes/stats/': defineEndpoint({
      name: 'Stats',
      description: 'Counts and sums of all outcomes that match.',
      formats: ['json'],
      parameters: figureParameters,
      response: 'outcomeStats',
      answer: async ({ parameters }) => {
        const reach = reachOf(parameters);
        const query = (way?: FiguresWay) => statsQuery(parameters, reach, way);
        const figures = await readFigures(store.rows, parameters, query);
        return jsonAnswer(200, renderStats(figures));
      },
    }),
    '/api/outcomes/daily_stats/': defineEndpoint({
      name: 'Daily stats',
      description: 'Counts and sums by UTC day, newest day first.',
      formats: ['json'],
      parameters: figureParameters,
      response: 'outcomeDays',
      answer: async ({ parameters }) => {
        const reach = reachOf(parameters);
        const query = (way?: FiguresWay) => dailyStatsQuery(parameters, reach, way);
        const figures = await readFigures(store.rows, parameters, query);
        return jsonAnswer(200, renderDailyStats(figures.filter(isOfDay)));
      },
    }),
    '/api/outcomes/:id/': defineEndpoint({
      name: 'Auction Outcome Instance',
      description: 'One outcome with every field; the filters apply.',
      formats: ['json'],
      parameters: filterParameters,
      response: 'outcomeDetail',
      answer: async ({ path, parameters }) => {
        const [row] = await store.rows(outcomeQuery(readId(path.id), parameters));
        if (!row) throw noSuchOutcome();
        return jsonAnswer(200, renderDetail(row));
      },
      ...(deletion && { methods: { DELETE: deletionOfOne(store, deletion) } }),
    }),
  };
}

/** What retention dropped is known by whole days only; asking it for more must not pass for an answer. */
function reachOf(parameters: FigureParameters): Reach {
  if (parameters.include_dropped !== true) return 'kept';
  const [rowFilter] = rowFiltersOf(parameters);
  if (rowFilter)
    throw conflictingParameters({ include_dropped: [`Not available with ${rowFilter}.`] });
  if (splitRange(timeRangeOf(parameters)).ends.length > 0) {
    throw conflictingParameters({ include_dropped: ['Only available with whole UTC days.'] });
  }
  return 'all-time';
}
