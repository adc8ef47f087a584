import { spawn } from 'node:child_process';
import type { Step } from './steps.ts';

/** How a step ended. */
export interface StepResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** What the step printed; for a skipped one, why it was skipped. */
  readonly output: string;
}

/** Runs the steps, at most `width` at a time, each after what it needs. Never stops early. */
export async function runSteps(
  steps: readonly Step[],
  width: number,
  onResult: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results = new Map<string, StepResult>();
  const waiting = [...steps];
  const running = new Set<Promise<void>>();
  const isPlanned = (name: string): boolean => steps.some((step) => step.name === name);
  const settle = (result: StepResult): void => {
    results.set(result.name, result);
    onResult(result);
  };

  while (waiting.length > 0 || running.size > 0) {
    const index = waiting.findIndex(({ needs = [] }) =>
      needs.every((name) => results.has(name) || !isPlanned(name)),
    );
    if (index < 0 || running.size >= width) {
      await Promise.race(running);
      continue;
    }
    const [step] = waiting.splice(index, 1) as [Step];
    const broken = step.needs?.find((name) => results.get(name) && !isPassed(results.get(name)));
    if (broken !== undefined) {
      const output = `needs ${broken}`;
      settle({ name: step.name, status: 'skipped', durationMs: 0, output });
      continue;
    }
    const run: Promise<void> = runStep(step)
      .then(settle)
      .finally(() => running.delete(run));
    running.add(run);
  }
  return [...results.values()];
}

function isPassed(result: StepResult | undefined): boolean {
  return result?.status === 'passed';
}

function runStep({ name, command }: Step): Promise<StepResult> {
  const started = performance.now();
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const durationMs = performance.now() - started;
      resolve({ name, status: code === 0 ? 'passed' : 'failed', durationMs, output });
    });
  });
}
