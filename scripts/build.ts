import { defineCommand, runCommand } from '../local/shared/command.ts';
import { buildFunctions } from './bundle.ts';
import { buildConsole } from './console-bundle.ts';

const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;

const command = defineCommand('build', 'Bundles the functions and the console into dist/.').action(
  async () => {
    const started = performance.now();
    for (const { file, startBytes, bytes } of await buildFunctions()) {
      process.stderr.write(`${file}  ${kib(startBytes)} read at the start, ${kib(bytes)} in all\n`);
    }
    const { firstLoadBytes } = await buildConsole();
    process.stderr.write(`dist/console  ${(firstLoadBytes / 1000).toFixed(1)} KB compressed\n`);
    process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
  },
);

await runCommand('build', command);
