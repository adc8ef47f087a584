// A process that calls through a limit which it shares with others, until it is told to stop.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RateAlgorithm, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import { localShare, type RedisClient, redisRateLimiter } from '@holdfast/rate-limiter/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { WorkerOptions } from './worker-options.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions;
const file = openSync(options.log, 'a');
const run = { goesOn: true };

/** The clock of the machine is also that of the server. */
function write(event: string, value = 0): void {
  writeSync(file, `${event} ${performance.timeOrigin + performance.now()} ${value}\n`);
}

function algorithm(): RateAlgorithm {
  const { algorithm: rule } = options;
  return rule.kind === 'bucket'
    ? tokenBucket({ replenishRate: rule.rate, burstCapacity: rule.capacity })
    : slidingWindow({ limit: rule.limit, windowMs: rule.windowMs });
}

async function connect(): Promise<{ client: RedisClient; end: () => void }> {
  if (options.client === 'ioredis') {
    const client = new Redis(options.url);
    client.on('error', () => undefined);
    return { client, end: () => client.disconnect() };
  }
  const client = createClient({ url: options.url });
  client.on('error', () => undefined);
  await client.connect();
  return { client, end: () => client.destroy() };
}

/** The same client, whose slowest answer is written down. */
function timed(client: RedisClient): RedisClient {
  const own = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const method = options.client === 'ioredis' ? 'call' : 'sendCommand';
  let slowest = 0;
  const note = async (...args: unknown[]): Promise<unknown> => {
    const asked = performance.now();
    const answer = await own[method]?.(...args);
    const ms = performance.now() - asked;
    if (ms > slowest) write('trip', ms);
    slowest = Math.max(slowest, ms);
    return answer;
  };
  const find = (_: unknown, name: string): unknown => (name === method ? note : own[name]);
  return new Proxy({}, { get: find, has: (_, name) => name in client }) as RedisClient;
}

process.on('unhandledRejection', () => write('unhandled'));
// Whoever has started it is gone, however that has ended.
process.on('disconnect', () => process.exit());
process.on('message', () => {
  run.goesOn = false;
});

const { client, end } = await connect();
const limiter = redisRateLimiter({
  client: timed(client),
  algorithm: algorithm(),
  name: options.name,
  share: options.share,
  maxQueued: options.waiting,
  timeoutMs: options.timeoutMs,
  whenAway:
    options.processes === undefined ? 'closed' : localShare({ processes: options.processes }),
});
limiter.on('away', () => write('away'));
limiter.on('back', () => write('back'));

async function call(): Promise<void> {
  const before = performance.now();
  const { ok } = await limiter.outcome(() => write('start'));
  if (!ok) write('refused', performance.now() - before);
}

async function keepCalling(): Promise<void> {
  while (run.goesOn) {
    await call();
    // A refused one would come back at once.
    if (limiter.isAway) await sleep(5);
  }
}

write('ready');
process.send?.('ready');
if (options.waiting > 0) {
  await Promise.all(Array.from({ length: options.waiting }, keepCalling));
} else {
  const calls: Promise<void>[] = [];
  for (let due = performance.now(); run.goesOn; due += 1) {
    for (let i = 0; i < options.callsPerMs; i++) calls.push(call());
    const ms = due - performance.now();
    if (ms > 0) await sleep(ms);
    else if (ms < -50) due = performance.now();
  }
  await Promise.all(calls);
}
await limiter.giveBack();
end();
process.disconnect();
