// What one seed of a simulation comes to.
export interface SeedResult {
  readonly seed: number;
  /** Records that were written to the topics. */
  readonly events: number;
  /** Empty when all that must be true was true. */
  readonly failures: readonly string[];
  /** What happened on the way, by name: crashes, redeliveries, reports checked, … */
  readonly counts?: Readonly<Record<string, number>>;
}
