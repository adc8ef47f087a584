import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { isLimiterRejectedError } from '@holdfast/interop';
import { compose, isTimeoutError, type Outcome } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { expect, onTestFinished, test } from 'vitest';
import { type SharedLimiter, sharedLimiter, type SharedLimiterOptions } from './shared-limiter.ts';

const limit = 3;

/** A limiter of this process, which ends with the test. */
async function own(
  url: string,
  options: Partial<SharedLimiterOptions> = {},
): Promise<SharedLimiter> {
  const shared = await sharedLimiter(url, { maxConcurrent: limit, ...options });
  onTestFinished(() => shared.end());
  return shared;
}

interface Worker {
  readonly process: ChildProcess;
  readonly exit: Promise<unknown>;
  readonly lines: () => readonly (readonly [event: string, at: number])[];
}

interface Work {
  readonly calls: number;
  readonly workMs: number;
  readonly expiresMs?: number;
}

/** Starts a process that makes these calls; resolves when it begins. */
async function worker(url: string, { calls, workMs, expiresMs }: Work): Promise<Worker> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bottleneck-'));
  const log = join(folder, 'log');
  const args = [url, log, calls, workMs, ...(expiresMs === undefined ? [] : [expiresMs])];
  const process = fork(new URL('bottleneck-worker.ts', import.meta.url), args.map(String), {
    execArgv: ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'],
  });
  const exit = once(process, 'exit');
  onTestFinished(async () => {
    process.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true });
  });
  await once(process, 'message');
  const lines = (): [string, number][] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' '))
      .map(([event = '', at]) => [event, Number(at)]);
  return { process, exit, lines };
}

/** How many operations ran at once, at most. */
function mostAtOnce(workers: readonly Worker[]): number {
  const steps = workers
    .flatMap((each) => each.lines())
    .map(([event, at]) => ({ at, step: event === 'begin' ? 1 : -1 }))
    .toSorted((a, b) => a.at - b.at || a.step - b.step);
  let now = 0;
  let most = 0;
  for (const { step } of steps) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}

/** Waits until the limiter tells that so many jobs run. */
async function running({ limiter }: SharedLimiter, count: number): Promise<void> {
  await expect.poll(() => limiter.running().catch(() => -1), { timeout: 10_000 }).toBe(count);
}

function errorOf(outcome: Outcome<unknown>): unknown {
  return outcome.ok ? undefined : outcome.error;
}

describeWithServers(['redis'], 'a limiter of Bottleneck on Redis in our pipelines', () => {
  const redis = useServer('redis', { appendOnly: true });

  test('is one limit for all processes, and all its places come back', async () => {
    const work = { calls: 40, workMs: 15 };
    const workers = await Promise.all([worker(redis.url, work), worker(redis.url, work)]);
    await Promise.all(workers.map(({ exit }) => exit));

    const events = workers.map((each) => each.lines().map(([event]) => event));
    for (const each of events) {
      expect(each.filter((event) => event === 'end')).toHaveLength(work.calls);
      expect(each).not.toContain('failed');
    }
    expect(mostAtOnce(workers)).toBe(limit);
    const shared = await own(redis.url);
    expect(await shared.limiter.running()).toBe(0);
    const all = Array.from({ length: limit }, () => shared.policy.execute(() => sleep(50, 'ran')));
    await running(shared, limit);
    expect(await Promise.all(all)).toEqual(all.map(() => 'ran'));
    await running(shared, 0);
  });

  test('takes the places of a process that has died back when its jobs expire', async () => {
    const dying = await worker(redis.url, { calls: limit, workMs: 60_000, expiresMs: 1_500 });
    const shared = await own(redis.url);
    await running(shared, limit);
    dying.process.kill('SIGKILL');
    await dying.exit;

    const before = performance.now();
    expect(await shared.policy.execute(() => 'ran')).toBe('ran');
    expect(performance.now() - before).toBeLessThan(5_000);
    await running(shared, 0);
  });

  test('holds its place after a timeout outside, also for other processes', async () => {
    const shared = await own(redis.url);
    const other = await own(redis.url);
    const work = Promise.withResolvers<void>();
    const bounded = compose(timeout({ afterMs: 50 }), shared.policy);
    const timedOut = Array.from({ length: limit }, () => bounded.outcome(() => work.promise));
    for (const outcome of await Promise.all(timedOut)) {
      expect(isTimeoutError(errorOf(outcome))).toBe(true);
    }
    expect(await other.limiter.running()).toBe(limit);
    const waits = other.policy.execute(() => 'ran');
    await sleep(100);
    expect(other.limiter.counts().EXECUTING).toBe(0);
    work.resolve();
    expect(await waits).toBe('ran');
  });

  test('rejects while the server is away, leaves what runs alone, and comes back', async () => {
    const shared = await own(redis.url, { expiresMs: 5_000 });
    const runs = Array.from({ length: limit }, () =>
      shared.policy.execute(() => sleep(400, 'ran')),
    );
    const waits = shared.policy.outcome(() => 'waited');
    const bounded = compose(timeout({ afterMs: 600 }), shared.policy).outcome(() => 'waited');
    await running(shared, limit);
    await redis.kill();

    const before = performance.now();
    const away = errorOf(await shared.policy.outcome(() => 'never'));
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(isLimiterRejectedError(away)).toBe(true);
    expect((away as Error).cause).toMatchObject({ name: 'MaxRetriesPerRequestError' });
    expect(await Promise.all(runs)).toEqual(runs.map(() => 'ran'));
    expect(isTimeoutError(errorOf(await bounded))).toBe(true);

    await redis.restart();
    const comesBack = async (): Promise<unknown> => {
      const bound = compose(timeout({ afterMs: 1_000 }), shared.policy);
      return bound.execute(() => 'back').catch(() => undefined);
    };
    await expect.poll(comesBack, { timeout: 20_000 }).toBe('back');
    expect(await waits).toEqual({ ok: true, value: 'waited' });
    await running(shared, 0);
  });

  test('rejects when the server has forgotten it: Bottleneck does not register again', async () => {
    const shared = await own(redis.url);
    expect(await shared.policy.execute(() => 'ran')).toBe('ran');
    await redis.reset();

    const forgotten = errorOf(await shared.policy.outcome(() => 'never'));
    expect(isLimiterRejectedError(forgotten)).toBe(true);
    expect((forgotten as Error).cause).toMatchObject({ message: 'ERR SETTINGS_KEY_NOT_FOUND' });
    const anew = await own(redis.url);
    expect(await anew.policy.execute(() => 'ran')).toBe('ran');
  });
});
