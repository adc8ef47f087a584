import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { perKey, rateLimitHeaders, tokenBucket } from '@holdfast/rate-limiter';
import {
  isRateLimiterAwayError,
  localShare,
  prefetch,
  type RedisCommand,
  redisRateLimiter,
} from '@holdfast/rate-limiter/redis';
import { virtualClock } from '@holdfast/testing';

/** Stands for a Redis here: it grants whatever a call needs. */
const answers: RedisCommand = () => Promise.resolve('1 0 0 999 1000 0/1 0 -');
const callPartner = (): Promise<string> => Promise.resolve('stock');

{
  const client = answers;
  // #region usage
  // const client = await createClient({ url: 'redis://localhost:6379' }).connect();
  const partner = redisRateLimiter({
    client, // of redis or ioredis
    name: 'partner', // all processes with this name share the limit
    algorithm: tokenBucket({ replenishRate: 1_000 }),
    maxQueued: 100,
    maxWaitMs: 2_000,
  });

  console.log(await partner.execute(callPartner)); // stock
  // #endregion
  assert.equal(await partner.execute(callPartner), 'stock');
}

{
  const client = answers;
  // #region server
  const perTenant = redisRateLimiter({
    client,
    name: 'per-tenant',
    algorithm: tokenBucket({ replenishRate: 100, burstCapacity: 1_000 }),
    keys: perKey({ maxKeys: 10_000 }),
    whenAway: 'open', // better too many than none
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tenant = String(request.headers['x-tenant']); // of an authenticated one, in earnest
    const decision = await perTenant.tryAcquire({ key: tenant });
    const headers = rateLimitHeaders(decision, { policy: perTenant.name });
    if (decision.allowed) response.writeHead(200, headers).end('stock');
    else response.writeHead(429, headers).end('too many requests');
  }
  const server = createServer((request, response) => void answer(request, response));
  // #endregion
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { headers } = await fetch(`http://localhost:${port}/`, { headers: { 'x-tenant': 'acme' } });
  assert.equal(headers.get('ratelimit-policy'), '"per-tenant";q=1000;w=10');
  server.close();
}

{
  const client = answers;
  // #region share
  const exact = redisRateLimiter({
    client,
    name: 'exact',
    algorithm: tokenBucket({ replenishRate: 50, burstCapacity: 10 }),
    share: 'none', // Redis decides about each call
  });
  const busy = redisRateLimiter({
    client,
    name: 'busy',
    algorithm: tokenBucket({ replenishRate: 10_000 }),
    share: prefetch({ maxRatio: 0.02, holdMs: 50 }), // at most 200 in hand, for 50 ms
  });
  // #endregion
  assert.equal(exact.isAway || busy.isAway, false);
}

{
  const clock = virtualClock();
  let isDown = true;
  const client: RedisCommand = (args, key) =>
    isDown ? Promise.reject(new Error('Socket closed unexpectedly')) : answers(args, key);
  const told: string[] = [];
  // #region away
  const mails = redisRateLimiter({
    client,
    name: 'mails',
    algorithm: tokenBucket({ replenishRate: 100, burstCapacity: 40 }),
    whenAway: localShare({ processes: 4 }), // 25 a second here, bursts of 10
    maxQueued: 1_000,
    clock,
  });
  mails.on('away', ({ cause }) => told.push(`away: ${String(cause)}`));
  mails.on('back', ({ awayMs }) => told.push(`back after ${awayMs} ms`));
  // #endregion
  const call = mails.execute(callPartner);
  await clock.advance(40);
  assert.equal(await call, 'stock');
  isDown = false;
  await clock.advance(1_000);
  assert.deepEqual(told, ['away: Error: Socket closed unexpectedly', 'back after 50 ms']);
}

{
  const client = answers;
  // #region shutdown
  const orders = redisRateLimiter({
    client,
    name: 'orders',
    algorithm: tokenBucket({ replenishRate: 1_000 }),
  });

  await orders.execute(callPartner);
  await orders.giveBack(); // what was taken ahead is free for the others at once
  // #endregion
}

{
  // #region testing
  // Without a server: Redis is away, and all goes, or nothing does.
  const away = (): Promise<never> => Promise.reject(new Error('no Redis in this test'));
  const algorithm = tokenBucket({ replenishRate: 10 });
  const open = redisRateLimiter({ client: away, algorithm, whenAway: 'open' });
  const closed = redisRateLimiter({ client: away, algorithm, whenAway: 'closed' });

  console.log(await open.execute(() => 1)); // 1
  const outcome = await closed.outcome(() => 1);
  console.log(!outcome.ok && isRateLimiterAwayError(outcome.error)); // true
  // #endregion
  assert.equal(open.isAway && closed.isAway, true);
}
