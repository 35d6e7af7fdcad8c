// What happens to the connector while the rows change.
import type { CaptureRun } from './capture-run.ts';

/** A snapshot, then all changes streamed. */
export async function streamThrough(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.changeRows();
}
