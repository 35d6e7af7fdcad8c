// Jars from Maven Central, as a pom.xml pins them: copied by Maven into .cache/<name>/<hash of pom.xml>, once for each
// version of that file. Those of the test platform are Kafka, Kafka Connect and Debezium.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from './require-program.ts';

const pomFile = join(import.meta.dirname, 'pom.xml');
const cacheDir = join(import.meta.dirname, '..', '..', '.cache');
const PLATFORM = { name: 'platform', what: 'Kafka, Kafka Connect and Debezium', pomFile };

export interface Jars {
  /** The folder in .cache. */
  readonly name: string;
  readonly what: string;
  readonly pomFile: string;
}

export interface PlatformVersions {
  kafka: string;
  debezium: string;
}

export function platformVersions(): PlatformVersions {
  const pom = readFileSync(pomFile, 'utf8');
  return { kafka: versionIn(pom, 'kafka'), debezium: versionIn(pom, 'debezium') };
}

/** The Java class path of all programs of these jars; downloads them when they are missing. */
export function resolveClasspath(wanted: Jars = PLATFORM): string {
  requireProgram('java', '-version', 'Java 17 or newer');
  const hash = createHash('sha256').update(readFileSync(wanted.pomFile)).digest('hex').slice(0, 16);
  const jars = join(cacheDir, wanted.name, hash);
  if (!existsSync(jars)) copyJars(wanted, jars);
  return join(jars, '*');
}

function copyJars({ what, pomFile }: Jars, target: string): void {
  requireProgram('mvn', '--version', 'Maven 3');
  process.stderr.write(`Fetching ${what} from Maven Central ...\n`);
  const incomplete = `${target}.${process.pid}`;
  mkdirSync(incomplete, { recursive: true });
  const maven = spawnSync(
    'mvn',
    [
      '--batch-mode',
      '--quiet',
      `--file=${pomFile}`,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${incomplete}`,
    ],
    { encoding: 'utf8' },
  );
  if (maven.status !== 0) {
    rmSync(incomplete, { recursive: true, force: true });
    throw new Error(`Maven could not fetch ${what}:\n${maven.stdout}${maven.stderr}`);
  }
  renameSync(incomplete, target);
}

function versionIn(pom: string, name: string): string {
  const version = new RegExp(`<${name}\\.version>([^<]+)<`).exec(pom)?.[1];
  if (version === undefined) throw new Error(`${pomFile} names no ${name}.version.`);
  return version;
}
