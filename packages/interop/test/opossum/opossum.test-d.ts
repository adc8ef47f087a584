import type { EventEmitter } from 'node:events';
import Default, {
  type BreakerOpenError,
  CircuitBreaker,
  type Events,
  isOpossumError,
  type Stats,
  type Status,
} from '@holdfast/interop/opossum';
import { fromOpossum } from '@holdfast/interop';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import type Opossum from 'opossum';
import { assertType, describe, expectTypeOf, test } from 'vitest';

declare function readStock(sku: string, warehouse: number): Promise<{ readonly count: number }>;

type Args = [sku: string, warehouse: number];
interface Stock {
  readonly count: number;
}
type Ours = CircuitBreaker<Args, Stock>;
type Theirs = Opossum<Args, Stock>;

describe('the class', () => {
  test('infers arguments and results from its action', () => {
    const breaker = new CircuitBreaker(readStock);
    expectTypeOf(breaker).toEqualTypeOf<Ours>();
    expectTypeOf(breaker.fire('sku-1', 1)).resolves.toEqualTypeOf<Stock>();
    expectTypeOf(breaker.call(undefined, 'sku-1', 1)).resolves.toEqualTypeOf<Stock>();
    // @ts-expect-error the warehouse is missing
    void breaker.fire('sku-1');
    expectTypeOf(Default).toEqualTypeOf(CircuitBreaker);
  });

  test('can stand where a breaker of opossum is asked for', () => {
    assertType<(ours: Ours) => Theirs>((ours) => ours);
    assertType<(ours: CircuitBreaker) => Opossum>((ours) => ours);
    expectTypeOf<Ours>().toExtend<EventEmitter>();
  });

  test('has the names that are found at the class of opossum', () => {
    assertType<(theirs: Opossum.Options<Args>) => CircuitBreaker.Options<Args>>((theirs) => theirs);
    // Ours also takes the status that `toJSON` told; and the filter gets the arguments, of which the
    // types of opossum do not tell.
    type Own = 'status' | 'errorFilter' | 'cacheTTL';
    type Shared = Omit<CircuitBreaker.Options<Args>, Own>;
    assertType<(ours: Shared) => Opossum.Options<Args>>((ours) => ours);
    expectTypeOf<Opossum.StatusOptions>().toExtend<CircuitBreaker.StatusOptions>();
    expectTypeOf<CircuitBreaker.Stats>().toExtend<Opossum.Stats>();
    expectTypeOf<Opossum.Stats>().toExtend<Partial<CircuitBreaker.Stats>>();
    expectTypeOf<CircuitBreaker.Bucket>().toExtend<Opossum.Bucket>();
    expectTypeOf<CircuitBreaker.Window>().toExtend<Opossum.Window>();
    expectTypeOf<Opossum.MemoryCache>().toExtend<CircuitBreaker.CacheTransport>();
    expectTypeOf<CircuitBreaker.MemoryCache>().toExtend<Opossum.CacheTransport>();
    expectTypeOf<CircuitBreaker.Status>().toEqualTypeOf<Status>();
  });

  test('takes the listeners that opossum takes', () => {
    const breaker = new CircuitBreaker(readStock);
    breaker.on('success', (result, latencyMs) => {
      expectTypeOf(result).toEqualTypeOf<Stock>();
      expectTypeOf(latencyMs).toEqualTypeOf<number>();
    });
    breaker.once('failure', (error, _latencyMs, args) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(args).toEqualTypeOf<Args>();
    });
    breaker.on('halfOpen', (resetTimeout) => expectTypeOf(resetTimeout).toEqualTypeOf<number>());
    breaker.on('timeout', (error: Error) => void error);
    breaker.on('open', () => undefined).off('open', () => undefined);
    // @ts-expect-error there is no such event
    breaker.on('opened', () => undefined);
    breaker.status.on('snapshot', (stats) => expectTypeOf(stats).toEqualTypeOf<Stats>());
    expectTypeOf<keyof Events>().toExtend<string>();
  });

  test('takes functions and breakers for fallbacks', () => {
    const breaker = new CircuitBreaker(readStock);
    const other = new CircuitBreaker(async (sku: string) => sku.length);
    expectTypeOf(breaker.fallback((sku: string) => sku)).toEqualTypeOf<Ours>();
    breaker.fallback(other).fallback(() => 0);
    assertType<(theirs: Theirs) => unknown>((theirs) => breaker.fallback(theirs));
    // @ts-expect-error a value is none
    breaker.fallback(0);
  });

  test('is told by its options what opossum is told', () => {
    const breaker = new CircuitBreaker(readStock, {
      timeout: false,
      errorFilter: (error, sku) => error.status === 404 && sku !== '',
      cacheGetKey: (sku, warehouse) => `${sku} ${warehouse}`,
      coalesceResetOn: ['error', 'timeout'],
    });
    // @ts-expect-error there is no such end
    void new CircuitBreaker(readStock, { coalesceResetOn: ['never'] });
    const { state, status } = breaker.toJSON();
    void new CircuitBreaker(readStock, { state, status });
    void new CircuitBreaker(readStock, { status: CircuitBreaker.newStatus({ stats: status }) });
    expectTypeOf(CircuitBreaker.isOurError(new Error('boom'))).toEqualTypeOf<boolean>();
    expectTypeOf(isOpossumError).parameter(0).toEqualTypeOf<unknown>();
    expectTypeOf<BreakerOpenError['code']>().toEqualTypeOf<'EOPENBREAKER'>();
  });
});

test('a breaker in a pipeline leaves the type of the operation, and adds that of its fallback', () => {
  const breaker = new CircuitBreaker((operation: () => Promise<unknown>) => operation());
  const policy = compose(retry(), fromOpossum(breaker));
  expectTypeOf(policy.execute(() => 1)).resolves.toEqualTypeOf<number>();
  const falling = compose(retry(), fromOpossum<string>(breaker));
  expectTypeOf(falling.execute(() => 1)).resolves.toEqualTypeOf<number | string>();
  assertType<(theirs: Opossum<[() => Promise<unknown>]>) => unknown>(fromOpossum);
});
