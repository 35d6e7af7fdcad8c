// The migrations in order. They travel inside the bundle, so the code and the schema it needs are
// deployed as one. A migration that was released is never edited: the next one changes what it made.
import outcomes from '../sql/0001-outcomes.sql';
import positionsAndRollups from '../sql/0002-positions-and-rollups.sql';
import partitions from '../sql/0003-partitions.sql';
import retention from '../sql/0004-retention.sql';
import newestEvent from '../sql/0005-newest-event.sql';
import deletion from '../sql/0006-deletion.sql';
import boundedReads from '../sql/0007-bounded-reads.sql';
import outcomeById from '../sql/0008-outcome-by-id.sql';
import coveringIndexes from '../sql/0009-covering-indexes.sql';
import siteDaysBySite from '../sql/0010-site-days-by-site.sql';
import onePlan from '../sql/0011-outcome-by-one-plan.sql';

export const MIGRATIONS: Readonly<Record<string, string>> = {
  '0001-outcomes': outcomes,
  '0002-positions-and-rollups': positionsAndRollups,
  '0003-partitions': partitions,
  '0004-retention': retention,
  '0005-newest-event': newestEvent,
  '0006-deletion': deletion,
  '0007-bounded-reads': boundedReads,
  '0008-outcome-by-id': outcomeById,
  '0009-covering-indexes': coveringIndexes,
  '0010-site-days-by-site': siteDaysBySite,
  '0011-outcome-by-one-plan': onePlan,
};
