// The properties of fast-check begin at FIRST_SEED, too, where it is set.
import { firstSeed } from './random.ts';

if (process.env.FIRST_SEED) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: firstSeed() });
}
