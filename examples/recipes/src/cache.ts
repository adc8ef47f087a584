import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { coalesce } from '@holdfast/cache';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';

interface Stock {
  level: number;
}

const warehouse = {
  reads: 0,
  async read(name: string, { signal }: { readonly signal: AbortSignal }): Promise<Stock> {
    this.reads++;
    await sleep(1, undefined, { signal });
    return { level: name.length };
  },
  write(_name: string, _stock: Stock): Promise<void> {
    return sleep(1);
  },
};

// #region usage
import { cache } from '@holdfast/cache';
import { contextKey } from '@holdfast/policy';

const sku = contextKey<string>('sku');
const stock = cache<Stock>({ key: (context) => context.get(sku), ttlMs: 1_000 });

function stockOf(name: string): Promise<Stock> {
  return stock.execute(({ signal }) => warehouse.read(name, { signal }), {
    properties: [sku(name)],
  });
}

await Promise.all([stockOf('apple'), stockOf('apple'), stockOf('pear')]);
console.log(await stockOf('apple'), warehouse.reads); // { level: 5 } 2: one read for each fruit
// #endregion
assert.equal(warehouse.reads, 2);

{
  // #region coalesce
  const shared = coalesce<Stock>({ key: (context) => context.get(sku) });
  const read = (signal?: AbortSignal) =>
    shared.outcome((context) => warehouse.read('plum', context), {
      signal,
      properties: [sku('plum')],
    });

  const first = new AbortController();
  const calls = [read(first.signal), read()]; // one execution, which belongs to both
  first.abort();

  const [left, stayed] = await Promise.all(calls);
  console.log(left?.ok, stayed?.ok); // false true
  // #endregion
  assert.deepEqual([left?.ok, stayed?.ok], [false, true]);
}

{
  const clock = virtualClock();
  let isDown = false;
  const readRate = (): Promise<number> =>
    isDown ? Promise.reject(new Error('the bank does not answer')) : Promise.resolve(1.1);
  // #region stale
  const rates = cache<number>({
    key: () => 'EUR/USD',
    ttlMs: 60_000, // fresh: served at once
    staleWhileRevalidateMs: 30_000, // then for half a minute still at once, and refreshed meanwhile
    staleIfErrorMs: 3_600_000, // and for an hour where it cannot be read
    clock,
  });
  rates.on('stale', ({ because, ageMs }) => console.log(`${because}: ${ageMs} ms old`));

  await rates.execute(readRate);
  isDown = true;
  await clock.advance(60_000);
  await rates.execute(readRate); // revalidating: 60000 ms old
  await clock.advance(60_000);
  await rates.execute(readRate); // error: 120000 ms old
  // #endregion
  await clock.advance(3_600_000);
  await assert.rejects(rates.execute(readRate), /does not answer/);
}

class NotFoundError extends Error {}

{
  const findUser = (): Promise<never> => Promise.reject(new NotFoundError('no such user'));
  const userId = contextKey<string>('userId');
  // #region negative
  const users = cache({
    key: (context) => context.get(userId),
    ttlMs: 60_000,
    negativeTtlMs: (error) => (error instanceof NotFoundError ? 5_000 : 0),
  });
  const call = { properties: [userId('nobody')] };
  await users.outcome(findUser, call);
  const again = await users.outcome(findUser, call); // from memory: it is known not to be there
  console.log(!again.ok && String(again.error)); // Error: no such user
  // #endregion
  assert.ok(!again.ok && again.error instanceof NotFoundError);
  assert.equal(users.peek('nobody')?.ok, false);
}

{
  // #region bounds
  const pictures = cache<Uint8Array>({
    key: (context) => context.get(sku),
    ttlMs: Infinity,
    maxEntries: 10_000,
    maxWeight: 50 * 1024 * 1024,
    weightOf: (picture) => picture.byteLength,
  });
  pictures.on('evicted', ({ key }) => console.log(`${key} had to make room`));
  // #endregion
  await pictures.execute(() => new Uint8Array(10), { properties: [sku('apple')] });
  assert.equal(pictures.size, 1);
}

{
  // #region delete
  await warehouse.write('apple', { level: 4 });
  stock.delete('apple'); // also what is being read at this moment will not be kept
  // #endregion
  assert.equal(stock.peek('apple'), undefined);
}

{
  // #region clone
  const copied = cache<Stock>({ key: () => 'apple', ttlMs: 1_000, clone: structuredClone });
  const mine = await copied.execute(() => ({ level: 5 }));
  mine.level = 0; // nobody else sees it
  console.log(await copied.execute(() => ({ level: 5 }))); // { level: 5 }
  // #endregion
  assert.deepEqual(await copied.execute(() => ({ level: 1 })), { level: 5 });
}

const server = createServer((_request, response) => response.end('5 apples'));
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

{
  // #region body
  const page = contextKey<string>('page');
  const pages = cache<string>({ key: (context) => context.get(page), ttlMs: 1_000 });

  const text = await pages.execute(
    async ({ signal }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`status ${response.status}`); // or it would be kept as an answer
      return response.text(); // what can be shared is the text: a body is read once
    },
    { properties: [page(url)] },
  );
  console.log(text); // 5 apples
  // #endregion
  assert.equal(text, '5 apples');
}

{
  // #region response
  const fetches = coalesce<Response>({
    key: () => url,
    clone: (response) => response.clone(), // each caller has a body of its own
  });
  const responses = await Promise.all([
    fetches.execute(({ signal }) => fetch(url, { signal })),
    fetches.execute(({ signal }) => fetch(url, { signal })),
  ]);
  console.log(await Promise.all(responses.map((response) => response.text()))); // twice 5 apples
  // #endregion
  assert.equal(new Set(responses).size, 2);
}
server.closeAllConnections();
server.close();

{
  // #region composing
  const policy = compose(
    timeout({ afterMs: 1_000 }), // the patience of one caller: the flight goes on for the others
    cache<Stock>({ key: (context) => context.get(sku), ttlMs: 1_000, staleIfErrorMs: 60_000 }),
    retry(), // what stands inside is there once for each flight
    circuitBreaker(), // and sees no hits: it counts what really was called
    timeout({ afterMs: 300 }), // a flight that hangs ends
  );
  const level = await policy.execute((context) => warehouse.read('fig', context), {
    properties: [sku('fig')],
  });
  console.log(level); // { level: 3 }
  // #endregion
  assert.deepEqual(level, { level: 3 });
}

{
  // #region nested
  const nested = await stock.execute(
    // With the context, a call for the same key goes by; without it, it would wait for itself.
    (context) => stock.execute(() => warehouse.read('kiwi', context), context),
    { properties: [sku('kiwi')] },
  );
  console.log(nested); // { level: 4 }
  // #endregion
  assert.deepEqual(nested, { level: 4 });
}

{
  // #region testing
  const clock = virtualClock();
  const policy = cache<number>({ key: () => 'key', ttlMs: 1_000, clock });
  let calls = 0;
  const answers = [await policy.execute(() => ++calls), await policy.execute(() => ++calls)];
  await clock.advance(1_000);
  answers.push(await policy.execute(() => ++calls));
  console.log(answers); // [ 1, 1, 2 ]
  // #endregion
  assert.deepEqual(answers, [1, 1, 2]);
}
