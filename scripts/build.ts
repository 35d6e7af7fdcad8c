import { buildFunctions } from './bundle.ts';

const started = performance.now();
for (const bundle of await buildFunctions()) {
  process.stderr.write(`${bundle.file}  ${(bundle.bytes / 1024).toFixed(0)} KiB\n`);
}
process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
