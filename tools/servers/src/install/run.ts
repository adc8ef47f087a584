import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program to run until it ends. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** Added to our own environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to its input. */
  readonly input?: string | undefined;
  /**
   * Killed when it takes longer, in milliseconds.
   * @default no limit
   */
  readonly timeoutMs?: number | undefined;
}

/** Runs a program and gives what it has written; rejects with its output when it fails. */
export async function run({
  command,
  args,
  cwd,
  env,
  input = '',
  timeoutMs,
}: Command): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  child.stdin.on('error', () => {}).end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0) return output;
  const said = `${output}${errors}`.trim().split('\n').slice(-20).join('\n');
  throw new Error(`${command} ${args.join(' ')} failed (${signal ?? code}):\n${said}`);
}

/** Runs a program behind all other work of the machine. */
export async function runNiced(what: Command): Promise<string> {
  return run({ ...what, command: 'nice', args: ['-n', '15', what.command, ...what.args] });
}
