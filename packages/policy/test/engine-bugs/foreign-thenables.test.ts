import { compose } from '@holdfast/policy';
import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

class ThrowingPromise extends Promise<string> {
  // oxlint-disable-next-line unicorn/no-thenable
  override then(): never {
    throw new Error('from then');
  }
}

const error = new Error('from then');
const rejects = (_resolve: unknown, reject: (error: unknown) => void): void => reject(error);

/** What a proxy for a remote function looks like: it can be called and awaited. */
// oxlint-disable-next-line unicorn/no-thenable
const callable = (): unknown => Object.assign(() => undefined, { then: rejects });

describe.each([
  ['a plan that cuts', [timeout()]],
  ['a plan that does not', []],
])('%s', (_plan, outer) => {
  test('a promise whose then throws is a rejection, and frees its place', async () => {
    const places = bulkhead();
    const policy = compose(...outer, places);
    await expect(policy.execute(() => new ThrowingPromise(() => undefined))).rejects.toThrow(
      'from then',
    );
    expect(places.active).toBe(0);
  });

  test('a function with a then is awaited before the layers hear of it', async () => {
    const breaker = circuitBreaker();
    const policy = compose(...outer, breaker);
    await expect(policy.execute(callable)).rejects.toBe(error);
    expect(breaker.metrics).toMatchObject({ successes: 0, failures: 1 });
  });

  test('an error that cannot be read comes back untouched, and frees its place', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const places = bulkhead();
    const policy = compose(...outer, retry({ backoff: () => 0 }), circuitBreaker(), places);
    const outcome = await policy.outcome(async () => {
      await Promise.resolve();
      throw proxy;
    });
    expect(!outcome.ok && outcome.error === proxy).toBe(true);
    expect(places.active).toBe(0);
  });
});
