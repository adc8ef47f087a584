import assert from 'node:assert/strict';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { compose, type Outcome } from '@holdfast/policy';
import { seededRandom, virtualClock } from '@holdfast/testing';
// #region usage
import { adaptiveThrottle, isThrottledError } from '@holdfast/circuit-breaker';

const search = adaptiveThrottle({ k: 2 });

const found = await search.outcome(() => find('shoes'));
if (found.ok) console.log(found.value);
else if (isThrottledError(found.error)) console.log('not sent: too few are accepted of late');
// #endregion

function find(what: string): Promise<readonly string[]> {
  return Promise.resolve([`red ${what}`]);
}

assert.ok(found.ok);

{
  // #region is-failure
  interface Answer {
    readonly status: number;
  }
  const throttle = adaptiveThrottle({
    isFailure(outcome: Outcome<Answer>) {
      if (!outcome.ok) return true;
      return outcome.value.status === 429 || outcome.value.status === 503; // refused for its load
    },
  });
  await throttle.execute(() => ({ status: 404 }));
  console.log(throttle.metrics.accepts); // 1: it was answered
  // #endregion
  assert.equal(throttle.metrics.accepts, 1);
}

{
  // #region simulation
  const clock = virtualClock();
  const throttle = adaptiveThrottle({ windowMs: 10_000, clock, random: seededRandom(1) });
  let capacity = 0;
  let received = 0;
  const overloaded = (): Promise<string> => {
    received++;
    return capacity-- > 0 ? Promise.resolve('done') : Promise.reject(new Error('too busy'));
  };

  for (let second = 0; second < 60; second++) {
    capacity = 10; // it accepts 10 calls per second, and is asked for 100
    for (let i = 0; i < 100; i++) await throttle.outcome(overloaded);
    await clock.advance(1_000);
  }
  console.log(`${Math.round(received / 60)} calls per second arrive`); // 21 calls per second arrive
  // #endregion
  assert.ok(Math.abs(received / 60 - 20) < 5, `${received / 60}`);
}

{
  // #region composing
  const inventory = compose(adaptiveThrottle(), circuitBreaker());
  console.log(await inventory.execute(() => 'apples')); // apples
  // #endregion
  assert.deepEqual(
    inventory.describe().layers.map(({ kind }) => kind),
    ['adaptive-throttle', 'circuit-breaker'],
  );
}
