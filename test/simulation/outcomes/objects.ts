// S3 as far as quarantine needs it.
export class Objects {
  readonly bodies = new Map<string, string>();
  /** Keys that were written again with something else. */
  readonly changed: string[] = [];

  put(key: string, body: string): void {
    const before = this.bodies.get(key);
    if (before !== undefined && before !== body) this.changed.push(key);
    this.bodies.set(key, body);
  }
}
