import assert from 'node:assert/strict';
import { lastKnownGood } from '@holdfast/fallback';
import { compose, contextKey, isTimeoutError, type Outcome } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
// #region usage
import { fallback } from '@holdfast/fallback';

const stock = fallback({ value: { level: 0 } });

const answer = await stock.execute(() => readStock('apple')); // of type Stock | { readonly level: 0 }
console.log(answer); // { level: 0 }: readStock has failed
// #endregion

interface Stock {
  readonly level: number;
}

function readStock(sku: string): Promise<Stock> {
  return Promise.reject(new Error(`no connection to ask for ${sku}`));
}

const answered: Stock = answer;
assert.deepEqual(answered, { level: 0 });

const cache = new Map<string, Stock>();
const replica = {
  read(sku: string, { signal }: { readonly signal: AbortSignal }): Promise<Stock> {
    signal.throwIfAborted();
    return Promise.resolve({ level: sku.length + 2 });
  },
};

{
  // #region chain
  const policy = fallback({
    chain: [
      () => cache.get('apple') ?? Promise.reject(new Error('not in the cache')),
      (_outcome, { signal }) => replica.read('apple', { signal }),
      () => ({ level: 0 }),
    ],
  });
  console.log(await policy.execute(() => readStock('apple'))); // { level: 7 }: from the replica
  // #endregion
  assert.deepEqual(await policy.execute(() => readStock('apple')), { level: 7 });
}

{
  // #region when
  const late = fallback({
    when: (outcome) => !outcome.ok && isTimeoutError(outcome.error),
    use: () => cache.get('apple'),
  });
  const empty = fallback({
    when: (outcome: Outcome<readonly string[]>) => outcome.ok && outcome.value.length === 0,
    value: ['nothing found'],
  });
  console.log(await empty.execute(() => [])); // [ 'nothing found' ]
  console.log((await late.outcome(() => readStock('apple'))).ok); // false: it was no timeout
  // #endregion
  assert.deepEqual(await empty.execute(() => ['apple']), ['apple']);
}

{
  const clock = virtualClock();
  let isDown = false;
  const readLevel = (name: string): Promise<number> =>
    isDown ? Promise.reject(new Error('down')) : Promise.resolve(name.length);
  // #region last-known-good
  const sku = contextKey<string>('sku');
  const levels = fallback({
    use: lastKnownGood<number>({ maxAgeMs: 60_000, key: (context) => context.get(sku) }),
    clock,
  });
  levels.on('fell-back', ({ value, ageMs }) => console.log(`${String(value)}, ${ageMs} ms old`));
  const level = (name: string): Promise<number> =>
    levels.execute(() => readLevel(name), { properties: [sku(name)] });

  await level('apple'); // 5
  await clock.advance(20_000);
  isDown = true;
  console.log(await level('apple')); // 5, after "5, 20000 ms old"
  await level('pear').catch(console.log); // Error: down: nothing is known of it
  // #endregion
  await clock.advance(40_001);
  await assert.rejects(level('apple'), /down/);
}

{
  const readLevel = (): Promise<number> => Promise.reject(new Error('down'));
  // #region stale-chain
  const level = fallback({
    chain: [lastKnownGood<number>({ maxAgeMs: 60_000 }), () => 'unknown' as const],
  });
  const known = await level.execute(readLevel); // of type number | 'unknown'
  console.log(known); // unknown: no value has been seen so far
  // #endregion
  assert.equal(known, 'unknown');
}

{
  // #region rethrow
  const policy = fallback({
    use: (outcome) => {
      const known = cache.get('apple');
      if (known === undefined && !outcome.ok) throw outcome.error; // the very error of the operation
      return known;
    },
  });
  console.log((await policy.outcome(() => readStock('apple'))).ok); // false
  // #endregion
  await assert.rejects(
    policy.execute(() => readStock('apple')),
    /no connection/,
  );
}

{
  // #region composing
  const policy = compose(fallback({ value: 'unknown' }), timeout({ afterMs: 10 }));
  const level = await policy.execute(() => new Promise<number>(() => {})); // of type number | 'unknown'
  console.log(level); // unknown
  // #endregion
  assert.equal(level, 'unknown');
}

{
  // #region testing
  const policy = fallback({ value: 0 });
  const fallen: unknown[] = [];
  policy.on('fell-back', ({ outcome }) => fallen.push(outcome));

  await policy.execute(() => Promise.reject(new Error('down')));
  console.log(fallen.length); // 1
  // #endregion
  assert.equal(fallen.length, 1);
}
