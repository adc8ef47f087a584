import process from 'node:process';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ServiceReport, serviceReport, type ServiceSetup } from '../services/setup.ts';

/** How long a service may take to listen; a machine that builds something else is slow. */
const startMs = 20_000;
/** How long a service may take to end after SIGTERM. */
const stopMs = 1_500;

/** A service did not start, or died although nobody had told it to. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

function fileOf(service: string): string {
  return fileURLToPath(new URL(`../services/${service}/service.ts`, import.meta.url));
}

/** All that runs: whatever ends this process, none of them is left behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function launch(setup: ServiceSetup): ChildProcess {
  const flags = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  const args = [...flags, fileOf(setup.service), JSON.stringify(setup)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** One service in a process of its own. */
export class ServiceProcess {
  /** Called when the process ends although nobody ended it. */
  onCrash: (error: ServiceError) => void = () => {};
  private readonly setup: ServiceSetup;
  private child: ChildProcess | undefined;
  private port = 0;
  private isExpectedToRun = false;
  private errorOutput = '';

  constructor(setup: ServiceSetup) {
    this.setup = setup;
  }

  get title(): string {
    return `${this.setup.name} (${this.setup.mode})`;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it, on the port that it had before if it ran before, and waits until it listens. */
  async start(): Promise<void> {
    const child = launch({ ...this.setup, port: this.port });
    this.child = child;
    this.errorOutput = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errorOutput = (this.errorOutput + chunk.toString()).slice(-2_000);
    });
    child.on('exit', (code, signal) => this.exited(child, String(signal ?? code)));
    this.port = await this.listening(child);
    this.isExpectedToRun = true;
  }

  private listening(child: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new ServiceError(`The service ${this.title} did not start: ${reason}`));
      };
      const timer = setTimeout(() => fail(`it said nothing for ${startMs / 1_000} s`), startMs);
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) =>
        fail(`it ended (${signal ?? code}).${this.lastWords()}`),
      );
      child.once('message', (message) => {
        const report: ServiceReport = serviceReport.parse(message);
        if (report.type === 'failed') return fail(report.message);
        clearTimeout(timer);
        return resolve(report.port);
      });
    });
  }

  private exited(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (!this.isExpectedToRun) return;
    this.isExpectedToRun = false;
    this.onCrash(new ServiceError(`The service ${this.title} died (${how}).${this.lastWords()}`));
  }

  /** What it wrote to its standard error in the end. */
  private lastWords(): string {
    const words = this.errorOutput.trim();
    return words === '' ? '' : ` ${words}`;
  }

  /** Kills it as a crash would: nothing is finished, nobody is told. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Lets it finish what it is at; what takes too long is killed. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.isExpectedToRun = false;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await exit;
    clearTimeout(timer);
  }
}
