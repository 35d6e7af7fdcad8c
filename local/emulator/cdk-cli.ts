// The CDK's own command line, spoken to an emulator of AWS instead of AWS. No wrapper: the AWS SDK inside
// it reads the endpoint from the environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../shared/user-error.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'node_modules', '.bin');
/** Every emulator's own account, and the region that needs no location constraint. */
const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
/** Of a failure's output: the reason stands at its end. */
const TAIL_CHARACTERS = 4_000;

export type Context = Readonly<Record<string, string | number>>;
/** Of a stack, by name. */
export type Outputs = Readonly<Record<string, string>>;

/**
 * @param endpoint by address, `http://127.0.0.1:4566`: then the SDK puts buckets into the path and not
 * into a host name that nobody resolves.
 */
export function emulatorEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

export class CdkCli {
  /** The folder of what was synthesized last. */
  readonly assembly: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #show: ((chunk: Buffer) => void) | undefined;

  /**
   * @param folder takes the synthesized template and the outputs.
   * @param show is given what the command says; otherwise an error tells the end of it.
   */
  constructor(endpoint: string, folder: string, show?: (chunk: Buffer) => void) {
    mkdirSync(folder, { recursive: true });
    this.assembly = resolve(folder, 'cdk.out');
    this.#show = show;
    // Nothing of a person's own AWS settings: a profile would lead to a real account.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
    this.#env = {
      ...Object.fromEntries(own),
      ...emulatorEnvironment(endpoint),
      PATH: `${BIN}:${process.env.PATH ?? ''}`,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }

  async bootstrap(): Promise<void> {
    await this.#run(['bootstrap', `aws://${ACCOUNT}/${REGION}`]);
  }

  async synth(context: Context): Promise<void> {
    const pairs = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    await this.#run(['synth', '--quiet', '--output', this.assembly, ...pairs]);
  }

  /** Deploys what was synthesized last. @throws {UserError} with what CloudFormation says. */
  async deploy(stack: string): Promise<Outputs> {
    const outputs = `${this.assembly}.outputs.json`;
    const options = ['--require-approval', 'never', '--outputs-file', outputs];
    await this.#run(['deploy', stack, '--app', this.assembly, ...options]);
    const written = JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Outputs>;
    return written[stack] ?? {};
  }

  async destroy(stack: string): Promise<void> {
    await this.#run(['destroy', stack, '--force', '--app', this.assembly]);
  }

  async #run(args: string[]): Promise<void> {
    const common = ['--no-notices', '--no-version-reporting', '--ci', '--progress', 'events'];
    const child = spawn(join(BIN, 'cdk'), [...args, ...common], {
      cwd: ROOT,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        this.#show?.(chunk);
      });
    }
    const [status] = await once(child, 'close');
    if (status === 0) return;
    const reason = this.#show ? 'see above' : `\n${output.trimEnd().slice(-TAIL_CHARACTERS)}`;
    throw new UserError(`cdk ${args[0]} failed: ${reason}`);
  }
}
