// Whether the service runs on a machine, before anything is installed there. Plain JavaScript, and pure: it runs on
// whatever Node the machine has.

/** Node is brought along for these. */
const BROUGHT = new Set(['linux x64', 'linux arm64']);
/** What runs TypeScript by itself. */
const TYPESCRIPT = new Set(['darwin x64', 'darwin arm64']);
/** Where Node is brought, the machine's own only installs it. */
const NODE_MIN_TO_INSTALL = [20, 0];
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
  const isBrought = bringsNode(platform, arch);
  if (!isBrought && !TYPESCRIPT.has(`${platform} ${arch}`)) {
    return `${platform} on ${arch} is not supported: there is no PostgreSQL for it on npm.`;
  }
  const least = isBrought ? NODE_MIN_TO_INSTALL : NODE_MIN;
  return isRecent(node, least)
    ? undefined
    : `Node ${least.join('.')} or newer is needed here, and this is ${node}: install Node 24 (nodejs.org).`;
}

/**
 * @param {string} platform
 * @param {string} arch
 */
export function bringsNode(platform, arch) {
  return BROUGHT.has(`${platform} ${arch}`);
}

/**
 * @param {string} version
 * @param {readonly number[]} least
 */
function isRecent(version, least) {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = least;
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
