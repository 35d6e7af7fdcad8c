import { buildFunctions } from './bundle.ts';

const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
const started = performance.now();
for (const { file, startBytes, bytes } of await buildFunctions()) {
  process.stderr.write(`${file}  ${kib(startBytes)} read at the start, ${kib(bytes)} in all\n`);
}
process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
