import assert from 'node:assert/strict';
import { bulkhead } from '@holdfast/bulkhead';
import {
  type Clock,
  compose,
  contextKey,
  type ExecutionContext,
  retryBudget,
  systemClock,
} from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { quantileDelay } from '@holdfast/hedge';
// #region usage
import { hedge, hedgeNumber } from '@holdfast/hedge';

const replicas = ['replica-1', 'replica-2', 'replica-3'];
const reads = hedge({ safe: true, afterMs: 20 });

const stock = await reads.execute((context) => {
  // The first attempt goes to one replica, the hedge to the next.
  const replica = replicas[hedgeNumber(context) % replicas.length] as string;
  return readStock(replica, context);
});
console.log(stock); // 7 apples, says replica-2: the other one is slow
// #endregion

/** The first replica is slow today; an attempt that has lost ends at once. */
function readStock(
  replica: string,
  { signal }: { readonly signal: AbortSignal },
  clock: Clock = systemClock,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const answer = (): void => resolve(`7 apples, says ${replica}`);
    const timer = clock.setTimeout(answer, replica === 'replica-1' ? 60_000 : 5);
    signal.addEventListener('abort', () => {
      timer.cancel();
      reject(signal.reason as Error);
    });
  });
}
assert.equal(stock, '7 apples, says replica-2');

{
  // #region learnt
  const learning = hedge({ safe: true, afterMs: quantileDelay({ quantile: 0.95 }) });
  // #endregion
  assert.deepEqual(learning.describe().layers[0]?.options, { maxHedges: 1 });
}

{
  // #region by-function
  const method = contextKey<string>('method');
  const requests = hedge({
    safe: (context) => ['GET', 'HEAD'].includes(context.get(method) ?? ''),
    afterMs: (_context, number) => 50 * number, // 50 ms, then 100 ms more
    maxHedges: 2,
  });
  // #endregion
  let calls = 0;
  await requests.execute(() => ++calls, { properties: [method('POST')] });
  assert.equal(calls, 1);
}

{
  const answers = [503, 200];
  const get = (number: number): Promise<Response> =>
    Promise.resolve(new Response('body', { status: answers[number] ?? 500 }));
  // #region bad-answers
  const fetches = hedge<Response>({
    safe: true,
    afterMs: 1_000,
    isFailure: (outcome) => !outcome.ok || outcome.value.status >= 500,
  });
  fetches.on('hedged', ({ reason }) => console.log(reason)); // failed

  // The first attempt gets a 503: the hedge starts at once, and its answer wins.
  const response = await fetches.execute((context) => get(hedgeNumber(context)));
  console.log(response.status); // 200
  // #endregion
  assert.equal(response.status, 200);
}

{
  const fetchStock = (_context: ExecutionContext): Promise<number> => Promise.resolve(7);
  // #region composing
  const budget = retryBudget({ ratio: 0.1 }); // hedges and retries together: one for ten calls
  const inventory = compose(
    timeout({ afterMs: 2_000 }),
    retry({ maxAttempts: 2, budget }),
    hedge({ safe: true, afterMs: quantileDelay(), budget }),
    bulkhead({ maxConcurrent: 50 }), // each attempt has a place, also one that has lost
  );
  const level = await inventory.execute(fetchStock);
  // #endregion
  assert.equal(level, 7);
}

{
  // #region testing
  const clock = virtualClock();
  const policy = hedge({ safe: true, afterMs: 20, clock });
  const events: string[] = [];
  policy.on('hedged', ({ hedge: number, reason }) => events.push(`hedge ${number}: ${reason}`));
  policy.on('won', ({ hedge: number }) => events.push(`won: ${number}`));

  const call = policy.execute((context) =>
    readStock(hedgeNumber(context) === 0 ? 'replica-1' : 'replica-2', context, clock),
  );
  await clock.advance(25);
  console.log(await call); // 7 apples, says replica-2
  console.log(events); // hedge 1: slow, won: 1
  // #endregion
  assert.deepEqual(events, ['hedge 1: slow', 'won: 1']);
}
