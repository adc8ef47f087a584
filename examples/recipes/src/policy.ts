import assert from 'node:assert/strict';
import { contextKey, lint } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
// #region usage
import { compose, definePolicy, isTimeoutError } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';

const logged = definePolicy('logged', async (next, context) => {
  console.log(`attempt ${context.attempt}`);
  return next();
});
const inventory = compose(timeout({ afterMs: 2_000 }), logged);

const stock = await inventory.execute(({ signal }) => readStock('apple', signal));
console.log(stock); // 5

const outcome = await inventory.outcome(() => Promise.reject(new Error('out of reach')));
if (!outcome.ok) console.log(isTimeoutError(outcome.error)); // false: the operation's own error
// #endregion

function readStock(sku: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  return Promise.resolve(sku.length);
}
assert.equal(stock, 5);
assert.equal(outcome.ok, false);

{
  // #region cancel
  const caller = new AbortController();
  const call = inventory.outcome(() => new Promise<never>(() => {}), { signal: caller.signal });
  caller.abort(new Error('the user left'));

  console.log(await call); // { ok: false, error: Error: the user left }
  // #endregion
  assert.deepEqual(await call, { ok: false, error: caller.signal.reason });
}

{
  // #region own-policy
  const answers = new Map<string, unknown>();

  function remember(key: string) {
    return definePolicy<unknown>(`remember ${key}`, async (next) => {
      if (!answers.has(key)) answers.set(key, await next());
      return answers.get(key);
    });
  }

  const rates = compose(remember('rates'), timeout({ afterMs: 500 }));
  await rates.execute(() => 'EUR 1.09');
  console.log(await rates.execute(() => 'never called')); // EUR 1.09
  // #endregion
  assert.equal(await rates.execute(() => 'never called'), 'EUR 1.09');
}

{
  // #region wrap
  const price = inventory.wrap((sku: string, pieces: number) => sku.length * pieces);

  console.log(await price('apple', 3)); // 15
  // #endregion
  assert.equal(await price('apple', 3), 15);
}

{
  // #region properties
  const tenant = contextKey<string>('tenant');

  const greeting = await inventory.execute((context) => `hello ${context.get(tenant)}`, {
    properties: [tenant('acme')],
  });
  console.log(greeting); // hello acme
  // #endregion
  assert.equal(greeting, 'hello acme');
}

{
  // #region lint
  const pipeline = compose(timeout({ afterMs: 1_000 }), retry(), timeout({ afterMs: 5_000 }));

  for (const { severity, rule } of lint(pipeline)) console.log(severity, rule);
  // error inner-timeout-not-shorter
  // #endregion
  assert.deepEqual(
    lint(pipeline).map(({ rule }) => rule),
    ['inner-timeout-not-shorter'],
  );
}

{
  // #region order
  const clock = virtualClock();
  const perCall = timeout({ afterMs: 1_000, name: 'per call', clock });
  const perAttempt = timeout({ afterMs: 300, name: 'per attempt', clock });
  const ordered = compose(perCall, retry({ maxAttempts: 10, clock }), perAttempt);

  const call = ordered.outcome(() => new Promise<never>(() => {}));
  await clock.advance(1_000);

  console.log(await call); // an outcome with the TimeoutError of "per call"
  // #endregion
  const late = await call;
  assert.ok(!late.ok && isTimeoutError(late.error));
}
