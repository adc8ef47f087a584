import assert from 'node:assert/strict';
import { compose, definePolicy, RejectedError, retryBudget } from '@holdfast/policy';
import { constant, delays, isRetryable, linear, stopRetrying } from '@holdfast/retry';
import { fails, returns, scenario, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
// #region usage
import { exponential, retry } from '@holdfast/retry';

const inventory = retry({ maxAttempts: 3, backoff: exponential({ initialMs: 10, maxMs: 1_000 }) });
inventory.on('retried', ({ attempt, delayMs }) => console.log(attempt, delayMs < 20 * attempt));

const stock = await inventory.execute(({ attempt, signal }) => readStock('apple', attempt, signal));
console.log(stock); // 5, after "1 true" and "2 true": the first two attempts have failed
// #endregion

function readStock(sku: string, attempt: number, signal: AbortSignal): number {
  signal.throwIfAborted();
  if (attempt < 3) throw new Error('connection reset');
  return sku.length;
}
assert.equal(stock, 5);

{
  let answers = 0;
  const busy = { status: 503, headers: { 'retry-after': '0' } };
  const get = (): Response =>
    answers++ === 0 ? new Response('busy', busy) : new Response('5 apples');
  // #region results
  const http = retry<Response>({
    shouldRetry: (outcome) => (outcome.ok ? outcome.value.status === 503 : isRetryable(outcome)),
    delayFrom: (outcome) => {
      const seconds = outcome.ok ? outcome.value.headers.get('retry-after') : null;
      return seconds === null ? undefined : Number(seconds) * 1_000;
    },
  });
  const response = await http.execute(get); // the body of the 503 is cancelled
  console.log(await response.text()); // 5 apples
  // #endregion
  assert.equal(answers, 2);
}

{
  let calls = 0;
  const ask = (path: string): Response => {
    calls++;
    return new Response(path, { status: 404 });
  };
  // #region stop
  const orders = retry({ maxAttempts: 5 });

  const outcome = await orders.outcome(() => {
    const response = ask('/orders/7');
    if (response.status === 404) throw stopRetrying(new Error('there is no order 7'));
    return response;
  });
  if (!outcome.ok) console.log(String(outcome.error)); // Error: there is no order 7
  // #endregion
  assert.deepEqual([calls, outcome.ok], [1, false]);
}

{
  let calls = 0;
  const load = (): number => {
    if (++calls < 3) throw new Error(`reset ${calls}`);
    return calls;
  };
  const clock = virtualClock();
  // #region history
  const policy = retry({ backoff: [100, 200], clock });
  policy.on('recovered', ({ history }) => {
    for (const { attempt, delayMs, durationMs, outcome } of history) {
      console.log(attempt, delayMs, durationMs, outcome.ok);
    }
  });
  await clock.runUntil(policy.execute(load));
  // 1 0 0 false
  // 2 100 0 false
  // 3 200 0 true
  // #endregion
  assert.equal(calls, 3);
}

{
  let calls = 0;
  const load = (): Promise<never> => {
    calls++;
    return Promise.reject(new Error('out of reach'));
  };
  // #region budget
  // One for all that call the same dependency: a fifth of the calls may be retried.
  const budget = retryBudget({ ratio: 0.2, minPerSecond: 0 });
  const read = retry({ budget, backoff: [0] });

  for (let i = 0; i < 100; i++) await read.outcome(load);
  console.log(calls); // 120, where without a budget it would be 300
  // #endregion
  assert.equal(calls, 120);
}

{
  const clock = virtualClock();
  const load = (): Promise<never> => Promise.reject(new Error('out of reach'));
  // #region composing
  const policy = compose(
    timeout({ afterMs: 1_000, clock }), // for all attempts and back-offs together
    retry({ maxAttempts: 10, backoff: [400], clock }),
    timeout({ afterMs: 300, clock }), // for each attempt
  );
  const started = clock.now();
  const outcome = await clock.runUntil(policy.outcome(load));
  // Attempts at 0, 400 and 800 ms; a fourth could only begin after the deadline: no wait for it.
  console.log(outcome.ok, clock.now() - started); // false 800
  // #endregion
  assert.deepEqual([outcome.ok, clock.now()], [false, 800]);
}

{
  class FullError extends RejectedError {
    readonly code = 'FULL';
  }
  let entries = 0;
  const full = definePolicy('full', (next) => {
    if (++entries > 1) throw new FullError('no place is free');
    return next();
  });
  const policy = compose(retry({ backoff: [0], name: 'orders' }), full);
  // #region refusal
  policy.on('gave-up', ({ reason, refusal }) => console.log(reason, refusal?.message));

  const outcome = await policy.outcome(() => Promise.reject(new Error('connection reset')));
  // refused no place is free
  if (!outcome.ok) console.log(String(outcome.error)); // Error: connection reset
  // #endregion
  assert.ok(!outcome.ok && outcome.error instanceof Error);
  assert.equal(outcome.error.message, 'connection reset');
}

{
  // #region backoffs
  const policies = [
    retry({ backoff: constant(250, { jitter: 'equal' }) }), // 125 to 250 ms
    retry({ backoff: linear({ initialMs: 50, jitter: 'none' }) }), // 50, 100, 150 ms and so on
    retry({ backoff: delays([10, 100, 1_000]) }), // the last for all that follow; also: [10, 100, 1_000]
    retry({ backoff: exponential({ jitter: 'decorrelated' }) }),
    retry({ backoff: ({ elapsedMs }) => (elapsedMs < 5_000 ? 100 : undefined) }), // undefined gives up
  ];
  // #endregion
  assert.equal(policies.length, 5);
}

{
  // #region testing
  await scenario((clock) => retry({ backoff: [200], clock }))
    .when([fails(new Error('reset')), returns('5 apples')])
    .expect({ value: '5 apples', attempts: 2 });
  // #endregion
}
