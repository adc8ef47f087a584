import { noop } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

describe.each([noop, timeout()])('%s', (policy) => {
  test.each([
    [
      new AbortController().signal,
      'Expected the options to be an object, got a signal: pass `{ signal }`.',
    ],
    [{ signal: 5 }, 'Expected `signal` to be an AbortSignal, got number.'],
    [{ deadline: 'soon' }, 'Expected `deadline` to be a number, got string.'],
  ])('refuses %o with a clear error, and does not call the operation', async (options, message) => {
    const operation = vi.fn();
    await expect(policy.execute(operation, options as never)).rejects.toThrow(
      new TypeError(message),
    );
    expect(operation).not.toHaveBeenCalled();
  });
});
