import assert from 'node:assert/strict';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { guardMethod, type Policy } from '@holdfast/policy';
// #region usage
import { compose, guarded } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';

const patient: Policy = compose(timeout({ afterMs: 500 }), retry());

class Inventory {
  readonly stock = new Map([['apple', 5]]);

  @guarded(patient)
  async read(sku: string): Promise<number> {
    await connected();
    return this.stock.get(sku) ?? 0;
  }

  @guarded(patient)
  static async open(): Promise<Inventory> {
    await connected();
    return new Inventory();
  }
}

const inventory = await Inventory.open();
console.log(await inventory.read('apple')); // 5
// #endregion
assert.equal(await inventory.read('apple'), 5);

{
  // #region function
  class Prices {
    async read(sku: string): Promise<number> {
      await connected();
      return sku.length;
    }
  }
  guardMethod(Prices.prototype, 'read', circuitBreaker());

  console.log(await new Prices().read('apple')); // 5
  // #endregion
  assert.equal(await new Prices().read('apple'), 5);
}

{
  // #region signal
  class Orders {
    // A decorated method does not see its signal: where it wants it, it calls `execute` itself.
    read(id: string): Promise<string> {
      return patient.execute(({ signal }) => load(id, signal));
    }
  }

  console.log(await new Orders().read('order-1')); // order-1
  // #endregion
  assert.equal(await new Orders().read('order-1'), 'order-1');
}

async function connected(): Promise<void> {}

function load(id: string, signal: AbortSignal): string {
  signal.throwIfAborted();
  return id;
}
