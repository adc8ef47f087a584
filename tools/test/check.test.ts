import { describe, expect, test } from 'vitest';
import { runSteps } from '../check/run-steps.ts';
import { selectSteps } from '../check/select-steps.ts';

const passing = ['--eval', 'process.exitCode = 0'];
const failing = ['--eval', 'console.log("broken"); process.exitCode = 1'];
const steps = [
  { name: 'build', command: failing },
  { name: 'lint', command: passing },
  { name: 'pack', command: passing, needs: ['build'] },
  { name: 'install', command: passing, needs: ['pack'] },
];

describe('selectSteps', () => {
  test('takes what the chosen steps need, in the usual order', () => {
    const chosen = selectSteps(steps, { only: 'install' });

    expect(chosen.map(({ name }) => name)).toEqual(['build', 'pack', 'install']);
  });

  test('leaves out what is skipped', () => {
    const chosen = selectSteps(steps, { skip: 'build,lint' });

    expect(chosen.map(({ name }) => name)).toEqual(['pack', 'install']);
  });

  test('names the steps when asked for one that does not exist', () => {
    expect(() => selectSteps(steps, { only: 'lnit' })).toThrow(/no step "lnit".*build, lint/);
  });
});

describe('runSteps', () => {
  test('goes on after a failure and skips only what needs it', async () => {
    const results = await runSteps(steps, 2, () => {});

    const statuses = Object.fromEntries(results.map(({ name, status }) => [name, status]));
    expect(statuses).toEqual({
      build: 'failed',
      lint: 'passed',
      pack: 'skipped',
      install: 'skipped',
    });
    expect(results.find(({ name }) => name === 'build')?.output).toBe('broken\n');
  });
});
