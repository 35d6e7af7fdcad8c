// Whether the service runs on a machine, before anything is installed there. Plain JavaScript, and pure: it runs on
// whatever Node the machine has.

/** Node is brought along for these. */
const BROUGHT = new Set(['linux x64', 'linux arm64']);
/** What runs TypeScript by itself. */
const NODE_MIN = [22, 18];

/**
 * @param {{ platform: string, arch: string, isMusl: boolean, node: string }} machine
 * @returns {string | undefined} one line that says what is needed, or undefined
 */
export function whatIsNeeded({ platform, arch, isMusl, node }) {
  if (platform === 'win32') {
    return 'Windows itself is not supported: run it in WSL 2 (wsl --install), where it is Linux.';
  }
  if (isMusl) {
    return 'Alpine and other systems on musl are not supported, as PostgreSQL and Node come as binaries for glibc: use a Debian-based image.';
  }
  if (BROUGHT.has(`${platform} ${arch}`)) return undefined;
  if (platform !== 'darwin' || (arch !== 'x64' && arch !== 'arm64')) {
    return `${platform} on ${arch} is not supported: there is no PostgreSQL for it on npm.`;
  }
  return isRecent(node)
    ? undefined
    : `Node ${NODE_MIN.join('.')} or newer is needed here, and this is ${node}: install Node 24 (nodejs.org).`;
}

/** @param {string} version */
function isRecent(version) {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = NODE_MIN;
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** The machine that this runs on. */
export function thisMachine() {
  const { platform, arch, version } = process;
  const isMusl = platform === 'linux' && !hasGlibc();
  return { platform, arch, isMusl, node: version };
}

function hasGlibc() {
  const report = process.report?.getReport();
  const { header } = typeof report === 'string' ? JSON.parse(report) : (report ?? {});
  return header?.glibcVersionRuntime !== undefined;
}
