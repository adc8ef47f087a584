import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import {
  countWindow,
  failureRatio,
  failuresWithin,
  growing,
  healthProbe,
  ramp,
  restoreSnapshot,
  retryAfter,
  slowCalls,
  takeSnapshot,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { compose, type Outcome } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
// #region usage
import { circuitBreaker, consecutiveFailures, isCircuitOpenError } from '@holdfast/circuit-breaker';

const inventory = circuitBreaker({ trip: consecutiveFailures(2), halfOpenAfterMs: 5_000 });

for (let i = 0; i < 3; i++) {
  const outcome = await inventory.outcome(() => readStock('apple'));
  if (outcome.ok) console.log(outcome.value);
  else if (isCircuitOpenError(outcome.error)) console.log('open, readStock was not called');
  else console.log(String(outcome.error));
}
// Error: the inventory is down
// Error: the inventory is down
// open, readStock was not called
// #endregion

function readStock(_sku: string): Promise<number> {
  return Promise.reject(new Error('the inventory is down'));
}

assert.equal(inventory.state, 'open');
assert.deepEqual([inventory.metrics.failures, inventory.metrics.rejected], [2, 1]);

{
  // #region defaults
  const breaker = circuitBreaker(); // half of at least 20 calls within 30 s fail: open for 5 s
  console.log(breaker.state); // closed
  // #endregion
  assert.equal(breaker.state, 'closed');
}

{
  // #region trips
  const perCall = circuitBreaker({ trip: countWindow({ failures: 10, size: 100 }) });
  const rare = circuitBreaker({ trip: failuresWithin({ failures: 3, windowMs: 60_000 }) });
  const either = circuitBreaker({
    trip: [failureRatio({ windowMs: 10_000 }), slowCalls({ slowCallMs: 2_000 })],
  });
  console.log(either.metrics.trips.map(({ trip, limit }) => `${trip}: ${limit}`));
  // [ 'failureRatio: 0.5', 'slowCalls: 0.5' ]
  // #endregion
  assert.deepEqual(
    [perCall.state, rare.state, either.metrics.trips.length],
    ['closed', 'closed', 2],
  );
}

{
  // #region is-failure
  interface Answer {
    readonly status: number;
  }
  const breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    isFailure(outcome: Outcome<Answer>) {
      if (!outcome.ok) return true;
      if (outcome.value.status === 404) return 'ignore'; // says nothing about the server's health
      return outcome.value.status >= 500;
    },
  });
  await breaker.execute(() => ({ status: 404 }));
  console.log(breaker.state); // closed
  await breaker.execute(() => ({ status: 503 })); // the caller gets the answer all the same
  console.log(breaker.state); // open
  // #endregion
  assert.deepEqual(breaker.metrics.ignored, 1);
  assert.equal(breaker.state, 'open');
}

{
  // #region break
  const patient = circuitBreaker({ halfOpenAfterMs: growing({ initialMs: 1_000, maxMs: 60_000 }) });
  const obedient = circuitBreaker({
    trip: consecutiveFailures(1),
    halfOpenAfterMs: retryAfter({ otherwiseMs: growing() }),
  });
  const busy = Object.assign(new Error('too busy'), { retryAfterMs: 120_000 });
  await obedient.outcome(() => Promise.reject(busy));
  console.log(Math.ceil((obedient.metrics.retryAfterMs ?? 0) / 1_000)); // 120
  // #endregion
  assert.equal(patient.state, 'closed');
  assert.equal(Math.ceil((obedient.metrics.retryAfterMs ?? 0) / 1_000), 120);
}

{
  // #region operate
  const breaker = circuitBreaker({ mode: 'shadow' }); // try it out: decides, tells, rejects nothing
  breaker.on('opened', ({ reason, openForMs }) => console.log(reason, openForMs));
  breaker.configure({ mode: 'enforce', failureRatio: 0.3 }); // keeps the state and the counts

  const isolation = breaker.isolate(); // for a maintenance: no call is let in
  console.log(breaker.state); // isolated
  isolation.release();
  console.log(breaker.state); // closed
  // #endregion
  assert.equal(breaker.state, 'closed');
}

{
  const sent: string[] = [];
  const socket = {
    send(message: string, done: (error?: Error) => void): void {
      sent.push(message);
      done();
    },
  };
  // #region try-acquire
  function publish(breaker: CircuitBreaker, message: string): boolean {
    const permit = breaker.tryAcquire();
    if (permit === undefined) return false; // not now: breaker.metrics.retryAfterMs tells when
    socket.send(message, (error) => (error === undefined ? permit.succeed() : permit.fail(error)));
    return true;
  }
  console.log(publish(circuitBreaker(), 'hello')); // true
  // #endregion
  assert.equal(publish(inventory, 'hello'), false);
  assert.deepEqual(sent, ['hello']);
}

{
  // #region composing
  const clock = virtualClock();
  const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
  const policy = compose(timeout({ afterMs: 100, clock }), breaker);

  const call = policy.outcome(() => new Promise(() => {})); // it hangs
  await clock.advance(100);
  console.log((await call).ok, breaker.state); // false open: the timeout is a failure
  // #endregion
  assert.equal(breaker.state, 'open');
}

{
  // #region testing
  const clock = virtualClock();
  const breaker = circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs: 5_000, clock });

  await breaker.outcome(() => Promise.reject(new Error('down')));
  console.log(breaker.state); // open
  await clock.advance(5_000);
  await breaker.execute(() => 'all is well'); // the probe
  console.log(breaker.state); // closed
  // #endregion
  assert.equal(breaker.state, 'closed');
}

{
  const clock = virtualClock();
  // #region when-probing
  const breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    whenProbing: waitForProbe({ maxQueued: 50, maxWaitMs: 500 }),
    clock,
  });
  await breaker.outcome(() => Promise.reject(new Error('down')));
  await clock.advance(5_000);

  const calls = ['probe', 'second', 'third'].map((call) =>
    breaker.execute(() => Promise.resolve(call)),
  );
  console.log(breaker.metrics.queued); // 2: they wait for the probe
  console.log(await Promise.all(calls)); // [ 'probe', 'second', 'third' ]
  // #endregion
  assert.equal(breaker.state, 'closed');
  assert.deepEqual(await Promise.all(calls), ['probe', 'second', 'third']);
}

{
  const clock = virtualClock();
  // #region ramp
  const breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    ramp: ramp({ durationMs: 60_000, initialShare: 0.1 }),
    clock,
  });
  await breaker.outcome(() => Promise.reject(new Error('down')));
  await clock.advance(5_000);
  await breaker.execute(() => 'probe');

  console.log(breaker.state, breaker.metrics.admittedShare); // half-open 0.1
  await clock.advance(30_000);
  console.log(breaker.metrics.admittedShare); // 0.55
  await clock.advance(30_000);
  await breaker.execute(() => 'the first call after the ramp');
  console.log(breaker.state); // closed
  // #endregion
  assert.equal(breaker.state, 'closed');
}

{
  const clock = virtualClock();
  const ping = (_options: { readonly signal: AbortSignal }): Promise<boolean> =>
    Promise.resolve(true);
  // #region health-probe
  await using breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    halfOpenAfterMs: 60_000,
    healthProbe: healthProbe(({ signal }) => ping({ signal }), { initialMs: 500, maxMs: 5_000 }),
    clock,
  });
  breaker.on('health-checked', ({ ok, attempt }) => console.log(ok, attempt)); // true 1
  await breaker.outcome(() => Promise.reject(new Error('down')));
  await clock.advance(1_000);
  console.log(breaker.metrics.retryAfterMs); // 0: the next call is the probe
  // #endregion
  assert.equal(breaker.metrics.retryAfterMs, 0);
}

{
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const file = join(folder, 'breaker.json');
  const before = circuitBreaker({ trip: consecutiveFailures(1) });
  await before.outcome(() => Promise.reject(new Error('down')));
  // #region snapshot
  await writeFile(file, JSON.stringify(takeSnapshot(before))); // as the process ends

  const after = circuitBreaker({ trip: consecutiveFailures(1) }); // in the next one
  restoreSnapshot(after, JSON.parse(await readFile(file, 'utf8')));
  console.log(after.state); // open, for what is left of its break
  // #endregion
  assert.equal(after.state, 'open');
  await rm(folder, { recursive: true });
}
