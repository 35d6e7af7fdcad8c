// A short name for what makes a resource another one.
import { createHash } from 'node:crypto';

export function digestOf(parts: readonly unknown[], length: number): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}
