import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { isConfigInvalidError, type PoliciesConfig } from '@holdfast/config';
import { compose, contextKey } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { policiesFile } from './shared/policies-file.ts';
// #region usage
import { fileSource, policiesFrom } from '@holdfast/config';

const policies = await policiesFrom(fileSource({ path: policiesFile }), {
  names: ['payment', 'stock'], // what the code uses: a file without them is refused
  functions: { isBusy: (error: { readonly status?: number }) => error.status === 503 },
});
const payment = policies.get('payment'); // keep it: it follows every change of the file

const receipt = await payment.execute(({ signal }) => charge('order-7', signal));
console.log(receipt); // order-7 is paid
// #endregion
assert.equal(receipt, 'order-7 is paid');

{
  // #region watch
  policies.on('changed', ({ changes, findings }) => {
    for (const { policy, layers } of changes) console.log(policy, layers);
    for (const { severity, message } of findings) console.log(severity, message);
  });
  policies.on('refused', ({ error }) => console.error(error.message)); // the last good one goes on
  policies.on('source-failed', ({ source, error }) => console.error(source, error));
  // #endregion
  const changed = new Promise((resolve) => policies.on('changed', resolve));
  const next = { policies: { payment: [{ type: 'timeout', afterMs: 800 }], stock: [] } };
  await writeFile(`${policiesFile}.new`, JSON.stringify(next));
  await rename(`${policiesFile}.new`, policiesFile);
  const waiting = setTimeout(() => assert.fail('the change was not noticed'), 10_000);
  await changed;
  clearTimeout(waiting); // a watch does not keep a process alive
  assert.deepEqual(policies.config, next);
  // #region close
  policies.close(); // follows the file no more; the pipelines work on
  // #endregion
}

{
  // #region data
  const config = {
    policies: {
      stock: [
        { type: 'timeout', afterMs: 2_000 },
        { type: 'retry', maxAttempts: 3, backoff: { kind: 'exponential', initialMs: 50 } },
        { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 5 } },
        { type: 'bulkhead', maxConcurrent: 20, maxQueued: 10 },
      ],
    },
  } as const satisfies PoliciesConfig;

  const fromData = policiesFrom(config); // no source, no promise; the names are typed
  console.log(await fromData.get('stock').execute(() => 7)); // 7
  // #endregion
  assert.deepEqual(fromData.names, ['stock']);
}

{
  // #region change
  const clock = virtualClock();
  const breaker = (failures: number) => ({
    type: 'circuitBreaker',
    trip: { kind: 'consecutiveFailures', failures },
  });
  const live = policiesFrom({ policies: { stock: [breaker(1)] } }, { clock });
  await live.get('stock').outcome(() => Promise.reject(new Error('down')));

  const applied = live.apply({ policies: { stock: [{ type: 'retry' }, breaker(5)] } });

  console.log(applied?.changes[0]?.layers); // retry: added, circuitBreaker: configured
  console.log(live.layer<CircuitBreaker>('stock', 'circuitBreaker').state); // open, as before
  // #endregion
  assert.deepEqual(
    applied?.changes[0]?.layers.map(({ layer, change }) => `${layer} ${change}`),
    ['retry added', 'circuitBreaker configured'],
  );
  assert.equal(live.layer<CircuitBreaker>('stock', 'circuitBreaker').state, 'open');
}

{
  // #region problems
  try {
    policiesFrom({
      polices: {},
      policies: { payment: [{ type: 'circuitBreaker', failureRatio: 1.5, halfOpenCall: 2 }] },
    });
  } catch (error) {
    if (isConfigInvalidError(error)) console.log(error.message);
  }
  // the configuration has 3 problems:
  // - policies.payment[0].failureRatio: must be a number above 0 and at most 1; got 1.5
  // - policies.payment[0].halfOpenCall: is not known here (did you mean "halfOpenCalls"?)
  // - polices: is not known here (did you mean "policies"?)
  // #endregion
  assert.throws(
    () => policiesFrom({ policies: { a: [{ type: 'circuitBreaker', halfOpenCall: 2 }] } }),
    /did you mean "halfOpenCalls"/,
  );
}

{
  // #region functions
  const tenant = contextKey<string>('tenant');
  const reports = policiesFrom(
    {
      policies: {
        reports: [
          { type: 'fallback', use: 'fromCache' },
          { type: 'retry', shouldRetry: 'isBusy', backoff: [10, 50] },
          { type: 'keyed', key: 'tenant', layers: [{ type: 'bulkhead', maxConcurrent: 2 }] },
        ],
      },
    },
    {
      functions: {
        fromCache: () => 'the report of yesterday',
        isBusy: (outcome: { readonly ok: boolean }) => !outcome.ok,
      },
      contextKeys: { tenant },
    },
  );

  // What a fallback of the configuration may answer, only the code can know.
  const report = await reports
    .get<string>('reports')
    .execute(() => Promise.reject(new Error('busy')), { properties: [tenant('acme')] });
  console.log(report); // the report of yesterday
  // #endregion
  assert.equal(report, 'the report of yesterday');
}

{
  // #region composing
  const live = policiesFrom({ policies: { stock: [{ type: 'retry', maxAttempts: 2 }] } });
  const inCode = compose(timeout({ afterMs: 1_000 }), live.get('stock')); // follows the changes, too

  live.apply({ policies: { stock: [{ type: 'retry', maxAttempts: 3, backoff: [0] }] } });
  let attempts = 0;
  await inCode.outcome(() => {
    attempts++;
    throw new Error('down');
  });
  console.log(attempts); // 3
  // #endregion
  assert.equal(attempts, 3);
}

{
  // #region refuse
  const strict = policiesFrom({ policies: { stock: [] } }, { refuse: 'error' });
  try {
    strict.apply({
      policies: {
        stock: [
          { type: 'timeout', afterMs: 500 },
          { type: 'timeout', name: 'each attempt', afterMs: 500 },
        ],
      },
    });
  } catch (error) {
    if (isConfigInvalidError(error)) console.log(error.problems[0]?.path); // policies.stock[1]
  }
  // #endregion
  assert.equal(strict.config.policies['stock']?.length, 0);
}

{
  // #region testing
  const clock = virtualClock();
  const tested = policiesFrom(
    { policies: { stock: [{ type: 'timeout', afterMs: 500 }] } },
    { clock }, // of all its policies
  );
  const call = tested.get('stock').outcome(() => new Promise(() => {}));
  await clock.advance(500);
  console.log((await call).ok); // false, without half a second of waiting
  console.log(tested.get('stock').current.describe().layers[0]?.options); // afterMs: 500, mode: 'aggressive'
  // #endregion
  assert.equal((await call).ok, false);
}

function charge(order: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  return Promise.resolve(`${order} is paid`);
}

await rm(dirname(policiesFile), { recursive: true });
