import { buildFunctions } from './bundle.ts';
import { buildConsole } from './console-bundle.ts';

const started = performance.now();
for (const bundle of await buildFunctions()) {
  process.stderr.write(`${bundle.file}  ${(bundle.bytes / 1024).toFixed(0)} KiB\n`);
}
const { firstLoadBytes } = await buildConsole();
process.stderr.write(`dist/console  ${(firstLoadBytes / 1000).toFixed(1)} KB compressed\n`);
process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
