// What operators run in the VPC, for `npm run audit`, `rebuild` and `quarantine` with --stack. Takes a request of
// operate/request.ts and answers what the command prints.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { makeOperate } from '../operate/operate.ts';
import { openMskTarget } from '../operate/quarantine/msk-target.ts';
import { makeHost } from '../platform/host.ts';
import { makePostgres } from '../platform/postgres.ts';

/** A day of outcomes is one statement; Lambda itself stops at fifteen minutes. */
const STATEMENT_TIMEOUT_MS = 840_000;

const host = makeHost('operate-stores', process.env);
const sql = makePostgres(process.env, {
  functionName: 'operate-stores',
  connectionsMax: 1,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
const operate = makeOperate({ ...host, sql, openTarget: openMskTarget });

export const handler = middy(async (event: unknown, context: Context) => {
  const answer = await operate(event, context.getRemainingTimeInMillis());
  // Not the event: it may hold a login.
  const { isFound = false, refusal } = answer;
  const command = typeof event === 'object' && event && 'command' in event ? event.command : null;
  host.logger.info('operated', { command, is_whole: !answer.next, is_found: isFound, refusal });
  return answer;
}).use(injectLambdaContext(host.logger));
