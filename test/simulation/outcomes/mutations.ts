// Mistakes that one could make, each as a change of one place: each must be seen.
import type { Mutation } from '../mutation.ts';

const RECORD = 'functions/outcomes/record/record.ts';
const RECORDER_STORE = 'functions/outcomes/record/recorder-store.ts';
const SQL_CLIENT = 'functions/platform/sql-client.ts';
const PARTITIONS_SQL = 'functions/outcomes/sql/0003-partitions.sql';
const RETENTION_SQL = 'functions/outcomes/sql/0004-retention.sql';

/** How a recorder store runs a transaction, from the position's lock to the work. */
const TRANSACTION = `      retryConflicts(() =>
        sql.begin(async (statement) => {
          const lastOffset = await lockPosition(statement, stream);
          return work({
            lastOffset,
            recordedAmong: (rows) => findRecorded(statement, stream, rows),
            strangersAmong: (rows) => findStrangers(statement, stream, rows),
            insert: (rows) => insertRows(statement, stream, rows),
            moveTo: (offset, newest) => movePosition(statement, stream, offset, newest),
          });
        }),
      ),`;

const DAY = `("timestamp" at time zone 'UTC')::date as day`;
/** The statement that records, as two: its rows alone, and its rollups alone. */
const SPLIT_STATEMENT = `
        const start = '), by_site as (';
        const rowsOnly = (send) => ([a, b, c, d], ...values) =>
          send([a, b, c, d.slice(0, d.indexOf(start)) + ') select count(*) from recorded'], ...values.slice(0, 3));
        const rollupsOnly = (send) => ([a, b, c, d, ...rest], ...values) =>
          send([
            a,
            b.slice(0, b.indexOf('insert into auction_outcomes')) + \`select ${DAY}, * from message\` + d.slice(d.indexOf(start)),
            ...rest,
          ], values[0], ...values.slice(3));`;

const positions: Mutation[] = [
  {
    name: 'position moved after the transaction',
    file: RECORDER_STORE,
    find: TRANSACTION,
    replace: `retryConflicts(async () => {
        let moved;
        const result = await sql.begin(async (statement) => work({
          lastOffset: await lockPosition(statement, stream),
          insert: (rows) => insertRows(statement, stream, rows),
          moveTo: async (offset) => { moved = offset; },
        }));
        if (moved !== undefined) await movePosition(sql, stream, moved);
        return result;
      }),`,
  },
  {
    name: 'position moved before the transaction',
    file: RECORDER_STORE,
    find: TRANSACTION,
    replace: `retryConflicts(async () => {
        let kept = [];
        const result = await sql.begin(async (statement) => work({
          lastOffset: await lockPosition(statement, stream),
          insert: async (rows) => { kept = rows; },
          moveTo: (offset, newest) => movePosition(statement, stream, offset, newest),
        }));
        if (kept.length > 0) await sql.begin((statement) => insertRows(statement, stream, kept));
        return result;
      }),`,
  },
  {
    name: 'position not checked',
    file: RECORD,
    find: 'after(recording.lastOffset, all)',
    replace: 'after(-1n, all)',
  },
  {
    name: 'the last offset taken again',
    file: RECORD,
    find: 'record.offset > last;',
    replace: 'record.offset >= last;',
  },
  {
    name: 'no lock on the position',
    file: RECORDER_STORE,
    find: 'const [position] = await sql<{ last_offset: string }>`',
    replace: `const [known] = await sql\`select last_offset from stream_positions
      where stream_epoch = \${epoch} and kafka_topic = \${topic} and kafka_partition = \${partition}\`;
    if (known) return BigInt(known.last_offset);
    const [position] = await sql\``,
  },
  {
    name: 'position stays before trailing rejects',
    file: RECORD,
    find: 'const last = fresh.at(-1);',
    replace: `const last = fresh.findLast(({ decoded }) => decoded.kind === 'row');`,
  },
  {
    name: 'offset read as a float',
    file: 'functions/kafka/records.ts',
    find: 'BigInt(value as number | string)',
    replace: 'BigInt(Number(value))',
  },
  {
    name: 'offset stored as a float',
    file: 'functions/outcomes/record/row.ts',
    find: 'kafka_offset: place.offset.toString()',
    replace: 'kafka_offset: Number(place.offset).toString()',
  },
];

const rollups: Mutation[] = [
  {
    name: 'rollups after the transaction',
    file: RECORDER_STORE,
    find: TRANSACTION,
    replace: `retryConflicts(async () => {
        ${SPLIT_STATEMENT}
        let kept = [];
        const result = await sql.begin(async (statement) => work({
          lastOffset: await lockPosition(statement, stream),
          insert: async (rows) => { kept = rows; await insertRows(rowsOnly(statement), stream, rows); },
          moveTo: (offset, newest) => movePosition(statement, stream, offset, newest),
        }));
        if (kept.length > 0) await insertRows(rollupsOnly(sql), stream, kept);
        return result;
      }),`,
  },
  {
    name: 'rollups count skipped records',
    file: RECORDER_STORE,
    find: TRANSACTION,
    replace: `retryConflicts(() =>
        sql.begin(async (statement) => {
          ${SPLIT_STATEMENT}
          const lastOffset = await lockPosition(statement, stream);
          return work({
            lastOffset: -1n,
            insert: async (rows) => {
              const fresh = rows.filter((row) => BigInt(row.kafka_offset) > lastOffset);
              await insertRows(rowsOnly(statement), stream, fresh);
              await insertRows(rollupsOnly(statement), stream, rows);
            },
            moveTo: async (offset) => {
              if (offset > lastOffset) await movePosition(statement, stream, offset);
            },
          });
        }),
      ),`,
  },
  ...['win_status', 'enriched'].map((column) => ({
    name: `rollups without ${column}`,
    file: 'functions/outcomes/record/writing-query.ts',
    find: 'site_domain, currency, win_status, enriched, win_price, bid_price\n    ), by_block as (',
    replace:
      'site_domain, currency, win_status, enriched, win_price, bid_price\n    ), by_block as ('.replace(
        column,
        `false as ${column}`,
      ),
  })),
  {
    name: 'stats from two moments',
    file: 'functions/outcomes/endpoints/outcome-endpoints.ts',
    find: 'const figures = await readFigures(store.rows, parameters, query);\n        return jsonAnswer(200, renderStats(figures))',
    replace: `const read = () => readFigures(store.rows, parameters, query);
        return jsonAnswer(200, renderStats([...(await read()).slice(0, 1), ...(await read()).slice(1)]))`,
  },
  {
    name: 'a list and its count from two moments',
    file: 'functions/outcomes/store/outcomes-store.ts',
    find: 'isolation level repeatable read read only',
    replace: 'isolation level read committed read only',
  },
];

const failures: Mutation[] = [
  {
    name: 'a lost commit counts as done',
    file: SQL_CLIENT,
    find: `await ask('commit');\n  if`,
    replace: `await ask('commit').catch(() => ({ command: 'COMMIT' }));\n  if`,
  },
  {
    name: 'a lost insert is sent again',
    file: RECORDER_STORE,
    find: 'insert: (rows) => insertRows(statement, stream, rows),',
    replace:
      'insert: (rows) => insertRows(statement, stream, rows).catch(() => insertRows(sql, stream, rows)),',
  },
  {
    name: 'rows outside of the transaction',
    file: RECORDER_STORE,
    find: TRANSACTION,
    replace: `retryConflicts(async () => {
        let kept = [];
        const result = await sql.begin(async (statement) => work({
          lastOffset: await lockPosition(statement, stream),
          insert: async (rows) => { kept = rows; },
          moveTo: (offset, newest) => movePosition(statement, stream, offset, newest),
        }));
        if (kept.length > 0) await insertRows(sql, stream, kept);
        return result;
      }),`,
  },
  {
    name: 'a failed transaction is not rolled back',
    file: SQL_CLIENT,
    find: `if (connection.isOpen) await ask('rollback').catch(() => connection.destroy());`,
    replace: '',
  },
  {
    name: 'a connection that failed is not given back',
    file: SQL_CLIENT,
    find: 'return work(lent).finally(lent.giveBack);',
    replace: 'return work(lent).finally(() => { if (lent.connection.isOpen) lent.giveBack(); });',
  },
];

const QUARANTINE_BLOCK = `return outcomes.record({ epoch: streamEpoch, topic, partition }, async (recording) => {
    const fresh = after(recording.lastOffset, all);
    const strangers = await strangersAmong(all, recording, streamEpoch);
    // Beside a stranger nothing of the batch was here before, whatever the position says.
    const unseen = strangers.length > 0 ? all : fresh;
    const unreadable = unseen.flatMap(({ record, decoded }) =>
      decoded.kind === 'reject' ? [{ record, reason: decoded.reason, streamEpoch }] : [],
    );
    const rejections = [...strangers, ...unreadable];
    const rows = await rowsOf(fresh, recording);
    await quarantine.put(rejections);`;

const quarantine: Mutation[] = [
  {
    name: 'quarantine after the commit',
    file: RECORD,
    find: QUARANTINE_BLOCK,
    replace: `const later = [];
  const thenQuarantine = async (stream, work) => {
    const counts = await outcomes.record(stream, work);
    await quarantine.put(later);
    return counts;
  };
  ${QUARANTINE_BLOCK.replace('outcomes.record', 'thenQuarantine').replace('await quarantine.put', 'later.push').replace('(rejections)', '(...rejections)')}`,
  },
  {
    name: 'quarantine not waited for',
    file: RECORD,
    find: 'await quarantine.put(rejections);',
    replace: 'quarantine.put(rejections).catch(() => {});',
  },
  {
    name: 'a failed quarantine is passed over',
    file: RECORD,
    find: 'await quarantine.put(rejections);',
    replace: 'await quarantine.put(rejections).catch(() => {});',
  },
  {
    name: 'rejects dropped silently',
    file: RECORD,
    find: 'await quarantine.put(rejections);',
    replace: '',
  },
  {
    name: 'quarantine keys without the partition',
    file: 'functions/contracts.ts',
    find: `\${topic}/\${partition}/\${offset}.json`,
    replace: `\${topic}/0/\${offset}.json`,
  },
];

const upkeep: Mutation[] = [
  {
    name: 'a partition made twice',
    file: PARTITIONS_SQL,
    find: `lock table only auction_outcomes in share update exclusive mode;
  if to_regclass(name) is not null then
    return null;
  end if;`,
    replace: 'lock table only auction_outcomes in share update exclusive mode;',
  },
  {
    name: 'partitions made without a lock',
    file: PARTITIONS_SQL,
    find: 'lock table only auction_outcomes in share update exclusive mode;',
    replace: '',
  },
  {
    name: 'retention without its lock',
    file: RETENTION_SQL,
    find: 'lock table only auction_outcomes in share row exclusive mode;',
    replace: '',
  },
  {
    name: 'retention forgets the sums by site',
    file: RETENTION_SQL,
    find: `with moved as (delete from outcome_site_days where day < first_month returning *)`,
    replace: `with moved as (delete from outcome_site_days where day < first_month and false returning *)`,
  },
];

export const MUTATIONS: readonly Mutation[] = [
  ...[...positions, ...rollups, ...failures],
  ...[...quarantine, ...upkeep],
];
