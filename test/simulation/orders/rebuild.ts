// The place of the rebuild from the row images: connected, a run whose order was lost (partitions raised
// with lag) must be exact after audit and rebuild. Without it, such a run ends after the audit.
import type { World } from './world.ts';

export const rebuildAggregates: ((world: World) => Promise<void>) | undefined = undefined;
