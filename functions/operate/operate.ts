// The operator's commands where the stores are: each request is answered with what the command prints, or with as
// much of it as an invocation can do in its time and an answer of Lambda can hold, and where to go on.
import { DEFAULTS, ENV } from '../contracts.ts';
import { audit as auditOrders } from '../orders/repair/audit.ts';
import { rebuild as rebuildOrders } from '../orders/repair/rebuild.ts';
import { makeTable } from '../orders/table/table-store.ts';
import { auditRollups, rebuildRollups } from '../outcomes/store/rollups-store.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import type { Sql } from '../platform/sql-client.ts';
import { showOrders, showOutcomes } from './audit.ts';
import { boundOrders, type Deadline, partEnd } from './deadline.ts';
import { makeOrderPorts } from './order-ports.ts';
import { makeQuarantineCommands, type QuarantineHost } from './quarantine/commands.ts';
import { ORDERS, OUTCOMES, showDifferences, showRebuilt } from './rebuild.ts';
import { Refusal } from './refusal.ts';
import { refusalOf } from './refusals.ts';
import { type OperatorAnswer, type RequestOf, readRequest } from './request.ts';

const LOOK_AGAIN_AFTER_MS = 2_000;
/** For what comes after the last look at the clock. */
const RESERVE_MS = 120_000;
/** Lambda hands over 6 MB; text grows as it becomes JSON. */
const ANSWER_BYTES_MAX = 6_000_000;

export interface OperatorHost extends Omit<QuarantineHost, 'bucket' | 'streamEpoch' | 'topic'> {
  readonly dynamoDb: Parameters<typeof makeTable>[0];
  readonly sql: Sql;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** @returns answers an event, in the time that is left to the invocation */
export function makeOperate(host: OperatorHost) {
  const { env, sql, now, sleep } = host;
  const table = makeTable(host.dynamoDb, requiredSetting(env, ENV.aggregatesTable), sleep);
  const topN = integerSetting(env, ENV.topN, DEFAULTS.topN, { min: 1, max: 1_000 });
  const pause = async () => void (await sleep(LOOK_AGAIN_AFTER_MS));
  const orders = makeOrderPorts(table, { topN, now, pause });
  const quarantine = makeQuarantineCommands({
    ...host,
    bucket: requiredSetting(env, ENV.bucket),
    streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[\w-]{1,32}$/),
    topic: requiredSetting(env, ENV.outcomesTopic),
  });

  async function audit(request: RequestOf<'audit'>, deadline: Deadline): Promise<OperatorAnswer> {
    const { json, next } = request;
    if (!next) {
      const found = await auditOrders(boundOrders(orders, deadline, 'audit'));
      const isFound = found.differences.length > 0;
      return { text: showOrders(found, json), isFound, next: { from: '', differences: [] } };
    }
    const part = await auditRollups(sql, { from: next.from, mustStop: partEnd(deadline) });
    const differences = [...next.differences, ...part.differences];
    if (part.nextDay) return { text: '', next: { from: part.nextDay, differences } };
    const outcomes = { rows: part.rows, differences };
    return { text: showOutcomes(outcomes, json), isFound: differences.length > 0 };
  }

  async function rebuild(
    request: RequestOf<'rebuild'>,
    deadline: Deadline,
  ): Promise<OperatorAnswer> {
    const { outcomes, isDryRun, epoch, next } = request;
    if (outcomes) {
      const mustStop = partEnd(deadline);
      const part = await rebuildRollups(sql, isDryRun, { from: next?.from ?? '', mustStop });
      const text = showDifferences(part.differences);
      const differences = (next?.differences ?? 0) + part.differences.length;
      if (part.nextDay) return { text, next: { from: part.nextDay, differences } };
      const summary = showRebuilt(OUTCOMES, { rows: part.rows, differences, isDryRun });
      return { text: text + summary, isFound: isDryRun && differences > 0 };
    }
    const { rows, differences } = await rebuildOrders(boundOrders(orders, deadline, 'rebuild'), {
      isDryRun,
      ...(epoch && { epoch }),
      // The rest of the time is for the merge and the scan.
      waitMsMax: (deadline.atMs - now()) / 2,
    });
    const told = { rows, differences: differences.length, isDryRun };
    const text = showDifferences(differences) + showRebuilt(ORDERS, told);
    return { text, isFound: isDryRun && differences.length > 0 };
  }

  function run(event: unknown, deadline: Deadline): Promise<OperatorAnswer> {
    const request = readRequest(event);
    switch (request?.command) {
      case 'audit':
        return audit(request, deadline);
      case 'rebuild':
        return rebuild(request, deadline);
      case 'list':
        return quarantine.list(request, deadline);
      case 'show':
        return quarantine.show(request);
      case 'redrive':
        return quarantine.redrive(request, deadline);
      default:
        throw new Refusal(
          'The deployed function does not know this request: the command is of another version than the stack.',
        );
    }
  }

  return async (event: unknown, remainingMs: number): Promise<OperatorAnswer> => {
    try {
      const reserveMs = Math.min(RESERVE_MS, remainingMs / 2);
      return unlessTooLarge(await run(event, { now, atMs: now() + remainingMs - reserveMs }));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return { text: '', refusal };
    }
  };
}

function unlessTooLarge(answer: OperatorAnswer): OperatorAnswer {
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  if (bytes <= ANSWER_BYTES_MAX) return answer;
  throw new Refusal(
    `The answer has ${(bytes / 1e6).toFixed(1)} MB, more than the 6 MB that Lambda hands over. What was mended or sent ` +
      'stays so: run it again for the rest; before an audit, "npm run rebuild".',
  );
}
