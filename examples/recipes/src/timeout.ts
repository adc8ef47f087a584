import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '@holdfast/policy';
import { hangs, scenario, virtualClock } from '@holdfast/testing';
// #region usage
import { isTimeoutError, timeout } from '@holdfast/timeout';

const quick = timeout({ afterMs: 50 });

console.log(await quick.execute(() => readStock(5))); // 7

const outcome = await quick.outcome(({ signal }) => readStock(5_000, signal));
if (!outcome.ok && isTimeoutError(outcome.error)) {
  console.log(outcome.error.message, outcome.error.started); // timed out after 50 ms true
}
// #endregion

async function readStock(takesMs: number, signal?: AbortSignal): Promise<number> {
  await sleep(takesMs, undefined, { signal });
  return 7;
}
assert.ok(!outcome.ok && isTimeoutError(outcome.error));

{
  const clock = virtualClock();
  const closed: string[] = [];
  // #region late
  const connecting = timeout({
    afterMs: 1_000,
    onLateResult: (connection: Connection) => connection.close(),
    clock,
  });
  // #endregion
  interface Connection {
    close(): void;
  }
  const late = Promise.withResolvers<Connection>();
  const call = connecting.outcome(() => late.promise);
  await clock.runUntil(call);
  late.resolve({ close: () => void closed.push('closed') });
  await clock.flush();
  assert.deepEqual(closed, ['closed']);
}

{
  const clock = virtualClock();
  // #region composing
  const policy = compose(
    timeout({ afterMs: 2_000, name: 'per call', clock }),
    timeout({ afterMs: ({ attempt }) => attempt * 200, name: 'per attempt', clock }),
  );
  // #endregion
  const call = policy.outcome(() => new Promise<never>(() => {}));
  await clock.runUntil(call);
  assert.equal(clock.now(), 200);
}

{
  // #region testing
  await scenario((clock) => timeout({ afterMs: 1_000, clock }))
    .when([hangs()])
    .expect({ error: 'TIMEOUT', elapsedMs: 1_000 });
  // #endregion
}
