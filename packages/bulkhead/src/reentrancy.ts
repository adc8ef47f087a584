import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecuteOptions, Layer, Run } from '@holdfast/policy';

/** The options of a nested call are the record of the outer one, where its context was passed on. */
function recordOf(options: ExecuteOptions | undefined): Run | undefined {
  return options !== undefined && 'plan' in options ? (options as Run) : undefined;
}

/**
 * Whether a call was given the context of one that holds a place in `layer`: a record at work holds a
 * place in every bulkhead of its pipeline.
 */
export function isNested(run: Run, layer: Layer): boolean {
  let outer = recordOf(run.options);
  while (outer !== undefined) {
    if (outer.isAtWork && outer.plan.layers.includes(layer)) return true;
    outer = recordOf(outer.options);
  }
  return false;
}

/** An operation, and the one in whose async context it was called. */
interface Nesting {
  readonly run: Run;
  outer: Nesting | undefined;
}

/** Knows by the async context whether a call comes from inside an operation that holds a place. */
export class ReentrancyDetector {
  private readonly nestings: AsyncLocalStorage<Nesting> = new AsyncLocalStorage();

  /** Calls an operation so that calls from inside it are recognised. */
  surround(run: Run, call: () => unknown): unknown {
    const outer = this.innermost();
    // Forget those that have ended, or operations that start one another would be a chain for ever.
    for (let each = outer; each !== undefined; each = each.outer) {
      each.outer = innermostAtWork(each.outer);
    }
    return this.nestings.run({ run, outer }, call);
  }

  /** Whether the present async context is inside an operation that holds a place. */
  isInside(): boolean {
    return this.innermost() !== undefined;
  }

  private innermost(): Nesting | undefined {
    return innermostAtWork(this.nestings.getStore());
  }
}

function innermostAtWork(nesting: Nesting | undefined): Nesting | undefined {
  let inner = nesting;
  while (inner !== undefined && !inner.run.isAtWork) inner = inner.outer;
  return inner;
}
