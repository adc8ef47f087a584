import {
  isPolicyError,
  isRejectedError,
  isTimeoutError,
  PolicyError,
  RejectedError,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';
import { describe, expect, test } from 'vitest';

class FullError extends RejectedError {
  override readonly name: string = 'FullError';
  override readonly code = 'FULL';
}

describe('an error of Holdfast', () => {
  test('has a name, a code, a brand and the name of its policy', () => {
    const cause = new Error('why');
    const error = new TimeoutError('too late', {
      timeoutMs: 5,
      started: true,
      policy: 'quick',
      cause,
    });
    expect(error).toBeInstanceOf(PolicyError);
    expect(error).toMatchObject({
      name: 'TimeoutError',
      code: 'TIMEOUT',
      isPolicyError: true,
      isTimeoutError: true,
      timeoutMs: 5,
      started: true,
      policy: 'quick',
      message: 'too late',
    });
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe('TimeoutError: too late');
  });

  test('has no cause where none was given', () => {
    expect('cause' in new FullError('full')).toBe(false);
    expect(new FullError('full').policy).toBeUndefined();
    expect(new FullError('full', { retryAfterMs: 7 }).retryAfterMs).toBe(7);
  });

  test('is recognised by its brand, also from a second copy of the package', () => {
    const foreign = { isPolicyError: true, isTimeoutError: true };
    expect(
      [foreign, new TimeoutError('x', { timeoutMs: 1, started: false })].map(isTimeoutError),
    ).toEqual([true, true]);
    expect(isPolicyError(foreign)).toBe(true);
    expect(isRejectedError(new FullError('full'))).toBe(true);
    expect(isRejectedError(foreign)).toBe(false);
    for (const value of [
      null,
      undefined,
      'TIMEOUT',
      7,
      {},
      new Error('x'),
      { isPolicyError: 'true' },
    ]) {
      expect([isPolicyError(value), isRejectedError(value), isTimeoutError(value)]).toEqual([
        false,
        false,
        false,
      ]);
    }
  });

  test('can be made without a stack, which leaves the limit as it was', () => {
    const limit = Error.stackTraceLimit;
    expect(withoutStack(() => new FullError('full')).stack).toBe('FullError: full');
    expect(() =>
      withoutStack(() => {
        throw new FullError('no');
      }),
    ).toThrow('no');
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
