import { fromBottleneck } from '@holdfast/interop';
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';

/** A limiter that Redis shares, as a policy. */
export interface SharedLimiter {
  readonly limiter: Bottleneck;
  readonly policy: ReturnType<typeof fromBottleneck>;
  end(): Promise<void>;
}

export interface SharedLimiterOptions {
  readonly maxConcurrent: number;
  readonly expiresMs?: number | undefined;
}

/** Makes a limiter that is one with all others on that Redis; resolves when it is ready. */
export async function sharedLimiter(
  url: string,
  { maxConcurrent, expiresMs }: SharedLimiterOptions,
): Promise<SharedLimiter> {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 100 });
  const connection = new Bottleneck.IORedisConnection({ client });
  connection.on('error', () => undefined);
  const limiter = new Bottleneck({
    id: 'stock',
    connection,
    maxConcurrent,
    heartbeatInterval: 500,
  });
  limiter.on('error', () => undefined);
  await limiter.ready();
  const policy = fromBottleneck(limiter, {
    expiration: expiresMs === undefined ? undefined : () => expiresMs,
  });
  return {
    limiter,
    policy,
    async end() {
      await limiter.disconnect();
      await connection.disconnect();
    },
  };
}
