import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { gcra, type RateAlgorithm, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import { redisRateLimiter } from '@holdfast/rate-limiter/redis';
import fc from 'fast-check';
import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { FakeBucket, FakeWindow } from '../redis/fake-limits.ts';
import { argsOf, type Asked, questions, toldBy } from '../redis/questions.ts';

/** What the limiter sends for an algorithm: the script, and its first two arguments. */
async function sentFor(algorithm: RateAlgorithm): Promise<{ source: string; args: string[] }> {
  const { promise, resolve } = Promise.withResolvers<{ source: string; args: string[] }>();
  const limiter = redisRateLimiter({
    algorithm,
    client: async ([name, source = '', , , ...args]) => {
      if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      resolve({ source, args: args.slice(0, 2) });
      throw new Error('enough');
    },
  });
  void limiter.outcome(() => 1);
  return promise;
}

async function connected(url: string): Promise<ReturnType<typeof createClient>> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  onTestFinished(() => client.destroy());
  await client.connect();
  return client as ReturnType<typeof createClient>;
}

const none = { extra: 0, holdMs: 0, lateMs: 0, usedPart: 0, goesLate: false, returnsAfter: 1 };
const one = { ...none, pauseMs: 21, need: 1, want: 1, ahead: 1, longestMs: 1_000_000, gone: 0 };
/** The first that a key hears of is what has gone without Redis, and it has to find that. */
const goneAndReserved: Asked[] = [{ ...one, gone: 50 }, one];

const cases = [
  {
    title: 'a bucket',
    algorithm: gcra({ limit: 100, windowMs: 1_000, burst: 50 }),
    make: () => new FakeBucket(),
  },
  {
    title: 'a bucket whose intervals are no whole microseconds',
    algorithm: gcra({ limit: 7, windowMs: 100, burst: 30 }),
    make: () => new FakeBucket(),
  },
  {
    title: 'a window',
    algorithm: slidingWindow({ limit: 50, windowMs: 400 }),
    make: () => new FakeWindow(),
  },
] as const;

describeWithServers(['redis'], 'a script in a real Redis', () => {
  const redis = useServer('redis');

  test.each([
    ['once in ages', gcra({ limit: 1, windowMs: 1e17, burst: 3 })],
    ['a million a second', tokenBucket({ replenishRate: 1e6 })],
    ['two a year', slidingWindow({ limit: 2, windowMs: 366 * 86_400_000 })],
    ['five a millisecond', slidingWindow({ limit: 5, windowMs: 1 })],
  ])('copes with extremes: %s', async (name, algorithm) => {
    const client = await connected(redis.url);
    const limiter = redisRateLimiter({ client, name, algorithm, share: 'none' });
    const first = await limiter.tryAcquire({ weight: algorithm.capacity });
    expect(first.allowed).toBe(true);
    const wholeMs = (algorithm.capacity * algorithm.windowMs) / algorithm.limit;
    const restMs = algorithm.kind === 'sliding-window' ? algorithm.windowMs : wholeMs;
    expect(first.resetAfterMs / (restMs + 1)).toBeCloseTo(restMs / (restMs + 1), 1);
    expect(limiter.isAway).toBe(false);
  });

  test.each(cases)('does what its model does: $title', async ({ algorithm, make }) => {
    const { source, args } = await sentFor(algorithm);
    const client = await connected(redis.url);
    let key = 0;
    /** The script tells the time by what it is told, not by the clock of the server. */
    const run = async (ms: number, rest: readonly string[]): Promise<string> => {
      const at = `{${Math.floor(ms / 1_000)}, ${(ms % 1_000) * 1_000}}`;
      const timed = source.replace("redis.call('TIME')", at);
      return client.sendCommand<string>(['EVAL', timed, '1', `{${key}}`, ...args, ...rest]);
    };
    const compared = async (all: readonly Asked[]): Promise<void> => {
      const model = make();
      key++;
      let now = 1_800_000_000_000;
      let returns: { mark: string; itsMark: string; units: number }[] = [];
      for (const asked of all) {
        now += asked.pauseMs;
        const back = (which: 'mark' | 'itsMark'): [number, string][] =>
          returns.map((each) => [each.units, each[which]]);
        const told = toldBy(await run(now, argsOf(asked, back('mark'))));
        const expected = toldBy(model.run(now, [...args, ...argsOf(asked, back('itsMark'))]));
        const { mark, extraMark, waitMs, retryMs, resetMs, ...numbers } = told;
        expect(numbers).toEqual({
          granted: expected.granted,
          remaining: expected.remaining,
          extra: expected.extra,
        });
        expect(waitMs).toBeCloseTo(expected.waitMs, 2);
        expect(retryMs).toBeCloseTo(expected.retryMs, 2);
        expect(resetMs).toBeCloseTo(expected.resetMs, 2);
        returns = [];
        const unused = Math.ceil(told.granted * (1 - asked.usedPart));
        if (unused > 0) returns.push({ units: unused, mark, itsMark: expected.mark });
        const extra = { mark: extraMark, itsMark: expected.extraMark };
        if (told.extra > 1) returns.push({ units: told.extra - 1, ...extra });
      }
    };
    const all = questions(algorithm.capacity);
    const examples: [Asked[]][] = [[goneAndReserved]];
    await fc.assert(fc.asyncProperty(all, compared), { numRuns: 60, examples });
  });
});
