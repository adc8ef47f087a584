import { admitted, compose, type ExitVerdict, LayeredPolicy, noop, pass } from '@holdfast/policy';
import type { EnterVerdict, Run } from '@holdfast/policy';
import { expect, test } from 'vitest';

/** Notes when the operation is called and has returned. */
class Surrounding extends LayeredPolicy {
  readonly kind: string = 'test';
  private readonly log: string[];

  constructor(name: string, log: string[]) {
    super(name);
    this.log = log;
  }

  enter(): EnterVerdict {
    return admitted;
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  surround(run: Run, at: number, call: () => unknown): unknown {
    this.log.push(`${this.name} at ${at}, ${run.isAtWork ? 'at work' : 'idle'}`);
    try {
      return call();
    } finally {
      this.log.push(`${this.name} returns`);
    }
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

test('layers surround the call of the operation, the outermost first', async () => {
  const log: string[] = [];
  const policy = compose(new Surrounding('outer', log), noop, new Surrounding('inner', log));
  const value = await policy.execute((context) => {
    log.push(`operation, attempt ${context.attempt}`);
    return 'value';
  });
  expect(value).toBe('value');
  expect(log).toEqual([
    'outer at 0, at work',
    `inner at ${policy.layers.length - 1}, at work`,
    'operation, attempt 1',
    'inner returns',
    'outer returns',
  ]);
});

test('what a surrounded operation throws is the answer', async () => {
  const error = new Error('thrown');
  const policy = new Surrounding('only', []);
  const call = policy.execute(() => {
    throw error;
  });
  await expect(call).rejects.toBe(error);
});
