import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, contextKey } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { aimd, fairQueue, fifoQueue, gradient2, priorityQueue } from '@holdfast/bulkhead';
// #region usage
import { bulkhead, isBulkheadFullError } from '@holdfast/bulkhead';

const inventory = bulkhead({ maxConcurrent: 2, maxQueued: 1, maxQueueMs: 1_000 });

const outcomes = await Promise.all(
  ['apple', 'pear', 'plum', 'fig'].map((sku) => inventory.outcome(() => readStock(sku))),
);
for (const outcome of outcomes) {
  if (outcome.ok) console.log(outcome.value);
  else if (isBulkheadFullError(outcome.error)) console.log(outcome.error.message);
}
// apple: 5
// pear: 4
// plum: 4 (it waited for its turn)
// the bulkhead is full: 2 of 2 at work, 1 of 1 queued
// #endregion

async function readStock(sku: string): Promise<string> {
  await sleep(5);
  return `${sku}: ${sku.length}${sku === 'plum' ? ' (it waited for its turn)' : ''}`;
}

assert.deepEqual(
  outcomes.map(({ ok }) => ok),
  [true, true, true, false],
);

{
  // #region composing
  const clock = virtualClock();
  const places = bulkhead({ maxConcurrent: 1, clock });
  const policy = compose(timeout({ afterMs: 100, clock }), places);

  const work = Promise.withResolvers<string>();
  const call = policy.outcome(() => work.promise);
  await clock.advance(100);

  console.log((await call).ok, places.active); // false 1: the caller has its TimeoutError, the work goes on
  work.resolve('at last');
  await clock.flush();
  console.log(places.active); // 0
  // #endregion
  assert.equal(places.active, 0);
}

{
  // #region wait-until
  const downloads = bulkhead({ maxConcurrent: 10 });
  const response = await downloads.execute(async (context) => {
    const { head, bodyEnded } = await request();
    context.waitUntil(bodyEnded); // the place is held until the body has ended too
    return head;
  });
  console.log(response, downloads.active); // 200 1
  // #endregion
  assert.equal(downloads.active, 1);
  await downloads.whenIdle();
}

function request(): Promise<{ readonly head: number; readonly bodyEnded: Promise<void> }> {
  return Promise.resolve({ head: 200, bodyEnded: sleep(5) });
}

{
  // #region operations
  const jobs = bulkhead({ maxConcurrent: 1, maxQueued: 100 });
  jobs.on('dequeued', ({ waitedMs }) => console.log(`waited for ${Math.round(waitedMs)} ms`));

  jobs.pause(); // starts nothing more
  const call = jobs.execute(() => 'done');
  jobs.resize({ maxConcurrent: 5 });
  jobs.resume(); // waited for 0 ms
  console.log(await call); // done

  await jobs.drain(); // takes no new calls, and waits for the others
  // #endregion
  await assert.rejects(
    jobs.execute(() => 'late'),
    { code: 'BULKHEAD_DRAINING' },
  );
}

{
  // #region permit
  const sockets = bulkhead({ maxConcurrent: 100 });
  {
    using place = sockets.tryAcquire();
    console.log(place === undefined ? 'full' : `${sockets.active} in use`); // 1 in use
  }
  console.log(sockets.active); // 0
  // #endregion
  assert.equal(sockets.active, 0);
}

{
  // #region testing
  const clock = virtualClock();
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, maxQueueMs: 1_000, clock });
  policy.tryAcquire(); // take the only place

  const call = policy.outcome(() => 'never');
  await clock.advance(1_000);
  const outcome = await call;
  console.log(!outcome.ok && isBulkheadFullError(outcome.error) && outcome.error.reason); // queue-timeout
  // #endregion
  assert.equal(outcome.ok, false);
}

{
  // #region reentrancy
  const orders = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
  const nested = await orders.outcome((context) =>
    // It would wait for the place that its own caller holds.
    orders.execute(() => 'never', context),
  );
  console.log(!nested.ok && (nested.error as { code?: string }).code); // BULKHEAD_REENTRANCY
  // #endregion
  assert.equal(nested.ok, false);
}

let served: string[] = [];
async function serve(name: string): Promise<void> {
  served.push(name);
  await sleep(1);
}

{
  // #region priority
  const urgency = contextKey<number>('urgency');
  const search = bulkhead({
    maxConcurrent: 1,
    maxQueued: 2,
    queue: priorityQueue({ priority: (context) => context.get(urgency) }),
  });

  const [, crawler] = await Promise.all([
    search.outcome(() => serve('first')),
    search.outcome(() => serve('crawler'), { properties: [urgency(7)] }),
    search.outcome(() => serve('page')), // 3, as without an urgency
    search.outcome(() => serve('checkout'), { properties: [urgency(0)] }),
  ]);

  console.log(served); // first, checkout, page
  if (!crawler.ok && isBulkheadFullError(crawler.error)) console.log(crawler.error.reason); // displaced
  // #endregion
  assert.deepEqual(served, ['first', 'checkout', 'page']);
  assert.equal(crawler.ok, false);
}

served = [];
{
  // #region fair
  const tenant = contextKey<string>('tenant');
  const reports = bulkhead({
    maxConcurrent: 1,
    maxQueued: 100,
    queue: fairQueue({ key: (context) => context.get(tenant) }),
  });

  const calls = ['acme 1', 'acme 2', 'acme 3', 'acme 4', 'tiny 1'].map((name) =>
    reports.execute(() => serve(name), { properties: [tenant(name.slice(0, 4))] }),
  );
  await Promise.all(calls);
  console.log(served); // acme 1, acme 2, tiny 1, acme 3, acme 4
  // #endregion
  assert.deepEqual(served, ['acme 1', 'acme 2', 'tiny 1', 'acme 3', 'acme 4']);
}

{
  // #region both
  const urgency = contextKey<number>('urgency');
  const tenant = contextKey<string>('tenant');
  const api = bulkhead({
    maxConcurrent: 50,
    maxQueued: 200,
    queue: priorityQueue({
      priority: (context) => context.get(urgency),
      within: fairQueue({ key: (context) => context.get(tenant), maxQueuedPerKey: 20 }),
    }),
  });
  // #endregion
  assert.equal(await api.execute(() => 'done', { properties: [tenant('acme')] }), 'done');
}

{
  // #region weight
  const rows = contextKey<number>('rows');
  const database = bulkhead({
    maxConcurrent: 1_000,
    maxQueued: 50,
    queue: fifoQueue({ weight: (context) => context.get(rows) ?? 1 }),
  });

  const all = database.execute(() => serve('export'), { properties: [rows(800)] });
  console.log(database.active); // 800
  await all;
  // #endregion
  assert.equal(database.active, 0);
}

{
  // #region adaptive
  const payment = bulkhead({ limit: gradient2({ maxLimit: 100 }), maxQueued: 20, maxQueueMs: 200 });
  payment.on('limit-changed', ({ from, to, reason }) => console.log(`${from} to ${to}: ${reason}`));

  const receipt = await payment.execute(({ signal }) => charge('order-1', signal));
  console.log(receipt, payment.maxConcurrent); // paid 20: it begins with 20
  // #endregion
  assert.deepEqual([receipt, payment.maxConcurrent], ['paid', 20]);
}

async function charge(_order: string, _signal: AbortSignal): Promise<string> {
  await sleep(1);
  return 'paid';
}

{
  // #region adaptive-drops
  const search = bulkhead({
    limit: aimd({
      slowMs: 300, // what takes longer is a drop as well
      isDrop: (outcome) => (outcome.ok ? isOverloaded(outcome.value) : 'ignore'),
    }),
  });

  await search.execute(() => find('shoes'));
  console.log(search.maxConcurrent); // 18: a tenth less than 20
  // #endregion
  assert.equal(search.maxConcurrent, 18);
}

async function find(_words: string): Promise<{ readonly status: number }> {
  await sleep(1);
  return { status: 503 };
}

function isOverloaded(value: unknown): boolean {
  const { status } = value as { readonly status: number };
  return status === 503 || status === 429;
}

{
  // #region adaptive-order
  const tenant = contextKey<string>('tenant');
  const api = bulkhead({
    limit: gradient2(),
    maxQueued: 100,
    queue: fairQueue({ key: (context) => context.get(tenant) }),
  });
  // #endregion
  assert.equal(await api.execute(() => 'done', { properties: [tenant('acme')] }), 'done');
}
