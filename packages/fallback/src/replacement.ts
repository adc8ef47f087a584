import {
  admitted,
  type EnterVerdict,
  type EventDetails,
  type ExitVerdict,
  held,
  LayeredPolicy,
  type Outcome,
  pass,
  replaced,
  type Run,
} from '@holdfast/policy';
import { type FallbackEvents, type FellBackEvent, topics } from './events.ts';
import type { AnyFallbackOptions, FallbackFunction } from './options.ts';

type When = (outcome: Outcome<unknown>) => boolean;

/** Decides which outcomes are replaced; how, its subclasses say. */
abstract class FallbackPolicy extends LayeredPolicy<unknown, never, FallbackEvents> {
  readonly kind: string = 'fallback';
  protected readonly when: When | undefined;

  constructor(options: AnyFallbackOptions) {
    super(options.name ?? 'fallback');
    this.when = options.when as When | undefined;
  }

  override get reruns(): boolean {
    return true;
  }

  /** Whoever needs to hear of each success overrides this. */
  override get isReactive(): boolean {
    return this.when === undefined;
  }

  /** Puts an alternative in the place of the outcome. */
  protected abstract replace(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict;

  enter(_run: Run, _at: number): EnterVerdict {
    return admitted;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (this.when === undefined) return pass;
    return this.judge(run, at, { ok: true, value });
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.judge(run, at, { ok: false, error });
  }

  private judge(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    if (run.isCut || run.callerGaveUp) return pass;
    const { when } = this;
    if (when === undefined) return this.replace(run, at, outcome);
    try {
      if (!when(outcome)) return pass;
    } catch (error) {
      run.answer(false, error);
      return replaced;
    }
    return this.replace(run, at, outcome);
  }

  protected tellFellBack(details: EventDetails<FellBackEvent>): void {
    if (this.isHeard(topics['fell-back'])) this.tell(topics['fell-back'], details);
  }
}

/** Falls back to a value. */
export class ValueFallback extends FallbackPolicy {
  private readonly value: unknown;

  constructor(options: AnyFallbackOptions) {
    super(options);
    this.value = options.value;
  }

  protected replace(run: Run, _at: number, outcome: Outcome<unknown>): ExitVerdict {
    const { value } = this;
    run.answer(true, value);
    this.tellFellBack({ outcome, value, step: 1, ageMs: undefined });
    return replaced;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { value: this.value };
  }
}

/** One call that falls back by steps: the one that it has come to. */
export interface Descent {
  readonly run: Run;
  readonly at: number;
  readonly outcome: Outcome<unknown>;
  /** The step that is being tried, counted from 1. */
  step: number;
}

/** Falls back to what the first function that does not throw returns. */
export class ChainFallback<Step = FallbackFunction<unknown>> extends FallbackPolicy {
  protected readonly steps: readonly Step[];

  constructor(steps: readonly Step[], options: AnyFallbackOptions) {
    super(options);
    this.steps = steps;
  }

  protected replace(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    return this.descend({ run, at, outcome, step: 1 });
  }

  /** Tries a step, and those after it as far as they throw at once. */
  protected descend(descent: Descent): ExitVerdict {
    const { run, outcome, step } = descent;
    try {
      const result = (this.steps[step - 1] as FallbackFunction<unknown>)(outcome, run);
      return isThenable(result) ? this.wait(descent, result) : this.found(descent, result);
    } catch (error) {
      return this.stepFailed(descent, error);
    }
  }

  protected found({ run, outcome, step }: Descent, value: unknown, ageMs?: number): ExitVerdict {
    this.tellFellBack({ outcome, value, step, ageMs });
    run.answer(true, value);
    return replaced;
  }

  protected stepFailed(descent: Descent, error: unknown): ExitVerdict {
    const { run, outcome, step } = descent;
    if (this.isHeard(topics.failed)) this.tell(topics.failed, { outcome, error, step });
    if (step < this.steps.length && !run.isCut) {
      descent.step++;
      return this.descend(descent);
    }
    run.answer(false, error);
    return replaced;
  }

  /** Holds the call until a step has come to its end, and with it the places of outer bulkheads. */
  private wait(descent: Descent, work: PromiseLike<unknown>): ExitVerdict {
    const { run, at } = descent;
    const result = Promise.resolve(work);
    run.keepOpen(result);
    result.then(
      (value) => {
        if (run.isHeldAt(at)) this.settle(descent, this.found(descent, value));
      },
      (error: unknown) => {
        if (run.isHeldAt(at)) this.settle(descent, this.stepFailed(descent, error));
      },
    );
    return held;
  }

  private settle({ run, at }: Descent, verdict: ExitVerdict): void {
    if (verdict === replaced) run.settle(at, run.ok, run.value);
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { steps: this.steps.length };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
