import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { retryAfterOf } from '@holdfast/fetch';
import { compose, contextKey, type ExecuteOptions } from '@holdfast/policy';
import {
  adaptiveRate,
  byPriority,
  perKey,
  rateLimitHeaders,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
// #region usage
import { gcra, isRateLimitedError, rateLimiter } from '@holdfast/rate-limiter';

// 50 a second, evenly spaced, and up to 3 at one moment after a pause.
const inventory = rateLimiter({ algorithm: gcra({ limit: 50, windowMs: 1_000, burst: 3 }) });

const outcomes = await Promise.all(
  ['apple', 'pear', 'plum', 'fig'].map((sku) => inventory.outcome(() => readStock(sku))),
);
for (const outcome of outcomes) {
  if (outcome.ok) console.log(outcome.value);
  else if (isRateLimitedError(outcome.error)) console.log(outcome.error.message);
}
// apple: 5
// pear: 4
// plum: 4
// the rate limit of "rate-limiter" is used up; room in 20 ms
// #endregion

function readStock(sku: string): Promise<string> {
  return Promise.resolve(`${sku}: ${sku.length}`);
}

assert.deepEqual(
  outcomes.map(({ ok }) => ok),
  [true, true, true, false],
);

{
  const clock = virtualClock();
  // #region waiting
  const search = rateLimiter({
    algorithm: slidingWindow({ limit: 2, windowMs: 1_000 }),
    maxQueued: 100,
    maxWaitMs: 5_000, // who would wait for longer is refused at once
    clock,
  });

  const started: number[] = [];
  const calls = [1, 2, 3, 4, 5].map(() => search.execute(() => started.push(clock.now())));
  await clock.advance(2_000);
  await Promise.all(calls);
  console.log(started); // 0, 0, 1000, 1000, 2000
  // #endregion
  assert.deepEqual(started, [0, 0, 1_000, 1_000, 2_000]);
}

{
  const clock = virtualClock();
  const served: string[] = [];
  // #region priority
  const urgency = contextKey<number>('urgency');
  const rows = contextKey<number>('rows');
  const reports = rateLimiter({
    algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 100 }),
    maxQueued: 50,
    weight: (context) => context.get(rows) ?? 1,
    queue: byPriority({ priority: (context) => context.get(urgency) }),
    clock,
  });
  const report = (name: string, properties: ExecuteOptions['properties']): Promise<number> =>
    reports.execute(() => served.push(name), { properties });

  const calls = [
    report('export', [rows(100)]), // the whole bucket
    report('crawler', [urgency(7)]),
    report('page', []), // 3, as without an urgency
    report('checkout', [urgency(0)]),
  ];
  await clock.advance(1_000);
  await Promise.all(calls);
  console.log(served); // export, checkout, page, crawler
  // #endregion
  assert.deepEqual(served, ['export', 'checkout', 'page', 'crawler']);
}

{
  // #region server
  const perTenant = rateLimiter({
    name: 'per-tenant',
    algorithm: tokenBucket({ replenishRate: 0.1, burstCapacity: 2 }),
    keys: perKey({ maxKeys: 10_000 }),
  });

  const server = createServer((request, response) => {
    const tenant = String(request.headers['x-tenant']); // of an authenticated one, in earnest
    const decision = perTenant.tryAcquire({ key: tenant });
    const headers = rateLimitHeaders(decision, { policy: perTenant.name });
    if (decision.allowed) response.writeHead(200, headers).end('stock');
    else response.writeHead(429, headers).end('too many requests');
  });
  // #endregion
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const get = (tenant: string): Promise<Response> =>
    fetch(`http://localhost:${port}/`, { headers: { 'x-tenant': tenant } });
  // #region headers
  await get('acme');
  const second = await get('acme');
  console.log(second.headers.get('ratelimit-policy')); // "per-tenant";q=2;w=20
  console.log(second.headers.get('ratelimit')); // "per-tenant";r=0;t=20
  const third = await get('acme');
  console.log(third.status, third.headers.get('retry-after')); // 429 10
  console.log((await get('tiny')).status); // 200
  // #endregion
  assert.equal(second.headers.get('ratelimit-policy'), '"per-tenant";q=2;w=20');
  assert.equal(second.headers.get('ratelimit'), '"per-tenant";r=0;t=20');
  assert.equal(third.status, 429);
  assert.equal(third.headers.get('retry-after'), '10');
  server.close();
}

{
  const tenant = contextKey<string>('tenant');
  // #region keys
  const outgoing = rateLimiter({
    algorithm: gcra({ limit: 10, windowMs: 1_000 }),
    maxQueued: 20, // for each key
    keys: perKey({ key: (context) => context.get(tenant) }),
  });

  await outgoing.execute(() => readStock('apple'), { properties: [tenant('acme')] });
  await outgoing.execute(() => readStock('apple'), { properties: [tenant('tiny')] });
  console.log(outgoing.size); // 2
  // #endregion
  assert.equal(outgoing.size, 2);
}

{
  const clock = virtualClock();
  const answer = new Response(null, { status: 429, headers: { 'retry-after': '2' } });
  const callPartner = (): Promise<Response> => Promise.resolve(answer);
  // #region adaptive
  const partner = rateLimiter({
    algorithm: gcra({ limit: 100, windowMs: 1_000, burst: 10 }),
    adaptive: adaptiveRate(),
    clock,
  });
  partner.on('throttled', ({ share, pauseMs }) => console.log(share, pauseMs)); // 0.7 2000

  await partner.execute(callPartner); // answers 429, with `Retry-After: 2`
  console.log(partner.peek().retryAfterMs); // 2000
  // #endregion
  assert.equal(partner.peek().retryAfterMs, 2_000);
  // #region adaptive-date
  const careful = adaptiveRate<Response>({
    isThrottled: (outcome) =>
      outcome.ok && outcome.value.status === 429 && (retryAfterOf(outcome) ?? true),
  });
  // #endregion
  assert.equal(careful.options['decrease'], 0.7);
}

{
  const clock = virtualClock();
  // #region reserve
  const mails = rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 1_000 }), clock });
  mails.tryAcquire();

  const reservation = mails.reserve({ maxDelayMs: 60_000 });
  console.log(reservation?.delayMs); // 1000: have it sent then
  reservation?.cancel(); // or not at all: whoever comes next has its place
  console.log(mails.reserve()?.delayMs); // 1000
  // #endregion
  assert.equal(mails.peek().retryAfterMs, 2_000);
}

{
  const clock = virtualClock();
  // #region composing
  const limiter = rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 1_000 }), clock });
  const policy = compose(retry({ maxAttempts: 3, backoff: constant(10), clock }), limiter);

  const call = policy.outcome(() => Promise.reject(new Error('down')));
  await clock.advance(20);
  const outcome = await call;
  // The second attempt was refused: the error is that of the one that ran.
  console.log(!outcome.ok && (outcome.error as Error).message); // down
  // #endregion
  assert.ok(!outcome.ok && (outcome.error as Error).message === 'down');
}

{
  // #region testing
  const clock = virtualClock();
  const policy = rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 1_000 }), clock });
  policy.tryAcquire(); // use the limit up

  console.log((await policy.outcome(() => 1)).ok); // false
  await clock.advance(1_000);
  console.log((await policy.outcome(() => 1)).ok); // true
  // #endregion
  assert.equal(policy.tryAcquire().allowed, false);
}
