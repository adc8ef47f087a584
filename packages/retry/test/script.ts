import { type Clock, LayeredPolicy, RejectedError } from '@holdfast/policy';
import type { EnterVerdict, ExitVerdict, Run } from '@holdfast/policy';

/** An operation that does as a list says, one item per attempt: throws an error, returns what else. */
export interface Scripted<T> {
  (): T;
  /** When each attempt began. */
  readonly startedAt: number[];
}

/** Makes one; the last item serves for all further attempts. */
export function scripted<T>(clock: Clock, ...steps: readonly (T | Error)[]): Scripted<T> {
  const startedAt: number[] = [];
  const operation = (): T => {
    startedAt.push(clock.now());
    const step = steps[Math.min(startedAt.length, steps.length) - 1] as T | Error;
    if (step instanceof Error) throw step;
    return step;
  };
  return Object.assign(operation, { startedAt });
}

/** A policy inside did not let the attempt start. */
export class Refusal extends RejectedError {
  override readonly name: string = 'Refusal';
  readonly code = 'REFUSED';

  constructor(retryAfterMs?: number) {
    super('refused', { retryAfterMs });
  }
}

/** Refuses those entries that a list names, counted from 1, as an open circuit would. */
export class Gate extends LayeredPolicy {
  readonly kind: string = 'gate';
  entries = 0;
  private readonly refusals: Readonly<Record<number, Refusal>>;

  constructor(refusals: Readonly<Record<number, Refusal>>) {
    super('gate');
    this.refusals = refusals;
  }

  enter(run: Run): EnterVerdict {
    const refusal = this.refusals[++this.entries];
    if (refusal === undefined) return 0;
    run.answer(false, refusal);
    return 2;
  }

  success(): ExitVerdict {
    return 0;
  }

  failure(): ExitVerdict {
    return 0;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}
