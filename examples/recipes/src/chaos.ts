import assert from 'node:assert/strict';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { compose, contextKey } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import {
  abort,
  after,
  behavior,
  blastRadius,
  chaosSwitch,
  everyNth,
  hang,
  isChaosError,
  nth,
  oneOf,
  outages,
  result,
  tamper,
} from '@holdfast/chaos';
// #region usage
import { chaos, fault, latency, rate } from '@holdfast/chaos';

const trouble = chaos({
  inject: [latency({ minMs: 5, maxMs: 20 }), fault(() => new Error('socket hang up'))],
  when: rate(0.2), // a fifth of the calls
  seed: 7, // the same ones in every run
});
trouble.on('injected', ({ call, delayMs }) => {
  console.log(`call ${call} fails after ${Math.round(delayMs)} ms`); // call 4 fails after 12 ms
});

const outcomes = [];
for (let i = 0; i < 6; i++) outcomes.push(await trouble.outcome(() => 'fine'));
console.log(outcomes.filter(({ ok }) => ok).length); // 5
// #endregion
assert.equal(outcomes.filter(({ ok }) => ok).length, 5);
assert.equal(outcomes[3]?.ok, false);

{
  // #region breaker
  const clock = virtualClock();
  const breaker = circuitBreaker({ minimumCalls: 10, halfOpenAfterMs: 5_000, clock });
  const down = chaos({ inject: fault(), when: outages({ forMs: 3_000 }), clock });
  const inventory = compose(breaker, down);

  for (let i = 0; i < 10; i++) await inventory.outcome(() => 5);
  console.log(breaker.state); // open
  await clock.advance(5_000);
  console.log(await inventory.execute(() => 5), breaker.state); // 5 closed
  // #endregion
  assert.equal(breaker.state, 'closed');
}

{
  // #region hang
  const clock = virtualClock();
  const policy = compose(
    timeout({ afterMs: 500, clock }),
    chaos({ inject: hang(), when: nth(1), clock }),
  );

  const call = policy.outcome(() => 'never called');
  await clock.advance(500);
  const cut = await call;
  console.log(!cut.ok && (cut.error as Error).name); // TimeoutError
  // #endregion
  assert.equal(cut.ok, false);
}

{
  // #region lost-answer
  let charges = 0;
  const payment = compose(
    retry({ maxAttempts: 2, backoff: constant(0) }),
    chaos({ inject: after(fault(new Error('socket hang up'))), when: nth(1) }),
  );

  await payment.execute(() => ++charges);
  console.log(charges); // 2: this operation is not ready to be retried
  // #endregion
  assert.equal(charges, 2);
}

{
  // #region one-of
  const clock = virtualClock();
  const flaky = chaos({
    inject: oneOf([
      { weight: 6, inject: latency({ minMs: 200, maxMs: 2_000 }) },
      { weight: 3, inject: result({ status: 503, body: 'busy' }) },
      fault(() => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })),
    ]),
    when: rate(1),
    seed: 3,
    clock,
  });
  const response = await clock.runUntil(flaky.execute(() => ({ status: 200, body: '5 apples' })));
  console.log(response.status); // 503
  // #endregion
  assert.ok([200, 503].includes(response.status));
}

{
  // #region abort
  const clock = virtualClock();
  const cancelled = chaos({
    inject: abort({ afterMs: 50, reason: () => new DOMException('gone', 'AbortError') }),
    when: everyNth(1),
    clock,
  });
  const call = cancelled.outcome(({ signal }) => {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  });
  await clock.advance(50);
  const gone = await call;
  console.log(!gone.ok && (gone.error as Error).message); // gone
  // #endregion
  assert.equal(gone.ok, false);
}

{
  // #region tamper
  const truncated = chaos({
    inject: tamper((text: string) => text.slice(0, text.length / 2)),
    when: nth(1),
  });
  console.log(await truncated.execute(() => '{"level":5}')); // {"lev
  // #endregion
  assert.equal(await truncated.execute(() => 'whole'), 'whole');
}

{
  const cache = new Map([['sku-1', 5]]);
  // #region behavior
  const coldCache = chaos({ inject: behavior(() => cache.clear()), when: nth(1) });
  console.log(await coldCache.execute(() => cache.get('sku-1'))); // undefined
  // #endregion
  assert.equal(cache.size, 0);
}

{
  // #region when
  const tenant = contextKey<string>('tenant');
  const drill = chaos({
    inject: fault(),
    when: [(context) => context.get(tenant) === 'drill', everyNth(10)],
  });

  let failed = 0;
  for (let i = 0; i < 100; i++) {
    const call = await drill.outcome(() => i, { properties: [tenant(i % 2 ? 'drill' : 'acme')] });
    if (!call.ok && isChaosError(call.error)) failed++;
  }
  console.log(failed); // 5: each tenth call of that tenant
  // #endregion
  assert.equal(failed, 5);
}

{
  // #region blast-radius
  const radius = blastRadius({ maxConcurrent: 2, maxPerWindow: 30, windowMs: 60_000, maxTotal: 3 });
  const careful = chaos({ inject: fault(), when: rate(1), blastRadius: radius });
  careful.on('spared', ({ reason }) => console.log(reason)); // total

  const ends = [];
  for (let i = 0; i < 4; i++) ends.push((await careful.outcome(() => i)).ok);
  console.log(ends, radius.total); // false, false, false, true; 3
  // #endregion
  assert.deepEqual(ends, [false, false, false, true]);
}

{
  // #region switch
  const hanging = chaos({ inject: hang(), when: rate(1) });
  const call = hanging.execute(() => 'fine');

  chaosSwitch.off(); // all chaos of the process; hanging.disable() is for this policy alone
  console.log(await call); // fine: what hung goes on at once
  // #endregion
  chaosSwitch.on();
  assert.equal(hanging.active, 0);
}

{
  // #region production
  const rehearsal = chaos({
    inject: latency({ delayMs: 100 }),
    when: rate(0.01),
    blastRadius: blastRadius({ maxConcurrent: 1, maxPerWindow: 10, maxShare: 0.02 }),
    allowProduction: true,
    enabled: false, // until somebody says rehearsal.enable()
  });
  // #endregion
  assert.equal(await rehearsal.execute(() => 'fine'), 'fine');
}
