import { circuitBreaker } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { guarded, guardMethod, noop, type Outcome } from '@holdfast/policy';
import { expectTypeOf, test } from 'vitest';

const none = fallback({ value: 'none' as const });
const numbers = circuitBreaker({ isFailure: (outcome: Outcome<number>) => !outcome.ok });

class Stock {
  @guarded(noop)
  async read(sku: string, shelf?: number): Promise<number> {
    return sku.length + (shelf ?? 0);
  }

  @guarded(noop)
  async generic<T>(value: T): Promise<T[]> {
    return [value];
  }

  @guarded(none)
  async readOrNone(): Promise<number | 'none'> {
    return 1;
  }

  // @ts-expect-error the policy may answer 'none', which the method does not
  @guarded(none)
  async readAlways(): Promise<number> {
    return 1;
  }

  // @ts-expect-error the method returns no promise
  @guarded(noop)
  size(): number {
    return 1;
  }

  @guarded(numbers)
  async count(): Promise<number> {
    return 1;
  }

  // @ts-expect-error the policy understands numbers only
  @guarded(numbers)
  async text(): Promise<string> {
    return 'text';
  }

  // @ts-expect-error a field is no method
  @guarded(noop)
  readonly field = async (): Promise<number> => 1;

  // @ts-expect-error an accessor is no method
  @guarded(noop)
  get pieces(): number {
    return 1;
  }
}

test('a decorated method keeps its type', () => {
  const stock = new Stock();
  expectTypeOf<Stock['read']>().toEqualTypeOf<(sku: string, shelf?: number) => Promise<number>>();
  expectTypeOf(stock.generic('a')).toEqualTypeOf<Promise<string[]>>();
  expectTypeOf(stock.readOrNone()).toEqualTypeOf<Promise<number | 'none'>>();
});

test('guardMethod takes the names of methods that return a promise', () => {
  guardMethod(Stock.prototype, 'read', noop);
  guardMethod(Stock.prototype, 'readOrNone', none);
  guardMethod(Stock.prototype, 'count', numbers);
  // @ts-expect-error there is no such method
  guardMethod(Stock.prototype, 'write', noop);
  // @ts-expect-error it returns no promise
  guardMethod(Stock.prototype, 'size', noop);
  // @ts-expect-error the policy may answer 'none', which the method does not
  guardMethod(Stock.prototype, 'read', none);
  // @ts-expect-error the policy understands numbers only
  guardMethod(Stock.prototype, 'text', numbers);
});
