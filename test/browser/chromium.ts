// Chromium as it is installed on this machine: CHROMIUM names another.
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM || '/usr/bin/chromium';

/** @param rules where host names lead, in the form of Chromium's `--host-resolver-rules`. */
export function openChromium(rules = ''): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', `--host-resolver-rules=${rules}`],
  });
}
