import { type Answer, lookOnly, type Question } from './question.ts';
import type { Asker, RedisStore } from './redis-store.ts';
import type { SharedBucket } from './shared-bucket.ts';

/** Somebody who only looks, and gives back what does not go. */
class Looker implements Asker {
  readonly redisKey: string;
  private readonly bucket: SharedBucket;
  private readonly resolve: (waitMs: number | undefined) => void;

  constructor(bucket: SharedBucket, resolve: Looker['resolve']) {
    this.bucket = bucket;
    this.redisKey = bucket.redisKey;
    this.resolve = resolve;
  }

  answered(answer: Answer): void {
    this.bucket.learn(answer);
    this.resolve(answer.retryAfterMs);
  }

  unanswered({ returns }: Question): void {
    this.bucket.state.chargeAgain(returns);
    this.resolve(undefined);
  }

  answeredLate(): void {
    // What is known meanwhile is newer.
  }
}

/** After how many milliseconds so many units might go; undefined if Redis is away. */
export function look(
  store: RedisStore,
  bucket: SharedBucket,
  units: number,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const returns = bucket.state.takeReturns();
  store.ask(new Looker(bucket, resolve), { ...lookOnly, need: units, returns });
  return promise;
}
