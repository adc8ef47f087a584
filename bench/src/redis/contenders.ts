import { isRateLimitedError, tokenBucket } from '@holdfast/rate-limiter';
import { redisRateLimiter } from '@holdfast/rate-limiter/redis';
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';

/** The limit that a contender is to keep, in units a second. */
export interface Task {
  readonly url: string;
  readonly perSecond: number;
}

/** Decides about one call: whether it may go. */
type Decide = () => Promise<boolean>;

/** Somebody whose decisions are counted. */
export interface Contender {
  readonly name: string;
  /** Whether it can refuse: Bottleneck only lets wait. */
  readonly refuses: boolean;
  readonly make: (task: Task) => Promise<Decide>;
}

const decided = Promise.resolve();

async function nodeRedis(url: string): ReturnType<typeof connected> {
  return connected(url);
}

function connected(url: string): Promise<ReturnType<typeof createClient>> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  return client.connect() as Promise<ReturnType<typeof createClient>>;
}

function holdfast(share: 'none' | undefined, client: 'ioredis' | 'redis'): Contender['make'] {
  return async ({ url, perSecond }) => {
    const limiter = redisRateLimiter({
      client: client === 'redis' ? await nodeRedis(url) : new Redis(url),
      algorithm: tokenBucket({ replenishRate: perSecond }),
      share,
      timeoutMs: 5_000,
    });
    const operation = (): Promise<void> => decided;
    return async () => {
      try {
        await limiter.execute(operation);
        return true;
      } catch (error) {
        if (isRateLimitedError(error)) return false;
        throw error;
      }
    };
  };
}

/** By hand, as one consumes points with rate-limiter-flexible: an answer, and no error. */
function holdfastAsked(client: 'ioredis' | 'redis'): Contender['make'] {
  return async ({ url, perSecond }) => {
    const limiter = redisRateLimiter({
      client: client === 'redis' ? await nodeRedis(url) : new Redis(url),
      algorithm: tokenBucket({ replenishRate: perSecond }),
      timeoutMs: 5_000,
    });
    return () =>
      limiter.tryAcquire().then(({ allowed }) => (allowed ? decided.then(() => true) : false));
  };
}

function flexible(blocks: boolean, client: 'ioredis' | 'redis'): Contender['make'] {
  return async ({ url, perSecond }) => {
    const limiter = new RateLimiterRedis({
      storeClient: client === 'redis' ? await nodeRedis(url) : new Redis(url),
      useRedisPackage: client === 'redis',
      points: perSecond,
      duration: 1,
      ...(blocks ? { inMemoryBlockOnConsumed: perSecond } : {}),
    });
    return () =>
      limiter.consume('all').then(
        () => decided.then(() => true),
        (refused: unknown) => {
          if (refused instanceof Error) throw refused;
          return false;
        },
      );
  };
}

async function bottleneck({ url, perSecond }: Task): Promise<Decide> {
  const { hostname: host, port } = new URL(url);
  const limiter = new Bottleneck({
    id: 'all',
    datastore: 'ioredis',
    Redis,
    clientOptions: { host, port: Number(port) },
    reservoir: perSecond,
    reservoirRefreshAmount: perSecond,
    reservoirRefreshInterval: 1_000,
  });
  limiter.on('error', () => undefined);
  await limiter.ready();
  const operation = (): Promise<void> => decided;
  return () => limiter.schedule(operation).then(() => true);
}

export const contenders: readonly Contender[] = [
  { name: 'holdfast (redis)', refuses: true, make: holdfast(undefined, 'redis') },
  { name: 'holdfast (ioredis)', refuses: true, make: holdfast(undefined, 'ioredis') },
  { name: 'holdfast, tryAcquire (redis)', refuses: true, make: holdfastAsked('redis') },
  { name: 'holdfast, tryAcquire (ioredis)', refuses: true, make: holdfastAsked('ioredis') },
  { name: "holdfast, share: 'none' (redis)", refuses: true, make: holdfast('none', 'redis') },
  { name: "holdfast, share: 'none' (ioredis)", refuses: true, make: holdfast('none', 'ioredis') },
  { name: 'rate-limiter-flexible (redis)', refuses: true, make: flexible(false, 'redis') },
  { name: 'rate-limiter-flexible (ioredis)', refuses: true, make: flexible(false, 'ioredis') },
  {
    name: 'rate-limiter-flexible, inMemoryBlockOnConsumed (ioredis)',
    refuses: true,
    make: flexible(true, 'ioredis'),
  },
  { name: 'bottleneck, clustered (ioredis)', refuses: false, make: bottleneck },
];
