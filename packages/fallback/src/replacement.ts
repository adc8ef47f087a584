import {
  admitted,
  type EnterVerdict,
  type ExitVerdict,
  held,
  LayeredPolicy,
  type Outcome,
  pass,
  replaced,
  type Run,
} from '@holdfast/policy';
import { type FallbackEvents, topics } from './events.ts';
import type { AnyFallbackOptions, FallbackFunction } from './options.ts';

type When = (outcome: Outcome<unknown>) => boolean;

/** Decides which outcomes are replaced; how, its subclasses say. */
abstract class FallbackPolicy extends LayeredPolicy<unknown, never, FallbackEvents> {
  readonly kind: string = 'fallback';
  private readonly when: When | undefined;

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

  enter(): EnterVerdict {
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

  protected tellFellBack(outcome: Outcome<unknown>, value: unknown, step: number): void {
    if (this.isHeard(topics['fell-back'])) this.tell(topics['fell-back'], { outcome, value, step });
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
    this.tellFellBack(outcome, value, 1);
    return replaced;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { value: this.value };
  }
}

/** One call that falls back by functions: the step that it has come to. */
interface Descent {
  readonly run: Run;
  readonly at: number;
  readonly outcome: Outcome<unknown>;
  /** The step that is being tried, counted from 1. */
  step: number;
}

/** Falls back to what the first function that does not throw returns. */
export class FunctionFallback extends FallbackPolicy {
  private readonly steps: readonly FallbackFunction<unknown>[];

  constructor(steps: readonly FallbackFunction<unknown, never>[], options: AnyFallbackOptions) {
    super(options);
    this.steps = steps as readonly FallbackFunction<unknown>[];
  }

  protected replace(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    return this.descend({ run, at, outcome, step: 1 });
  }

  /** Tries one step after another, as far as they throw at once. */
  private descend(descent: Descent): ExitVerdict {
    const { run, outcome } = descent;
    for (;;) {
      try {
        const result = this.steps[descent.step - 1]?.(outcome, run);
        if (isThenable(result)) return this.wait(descent, result);
        this.tellFellBack(outcome, result, descent.step);
        run.answer(true, result);
        return replaced;
      } catch (error) {
        this.tellFailed(descent, error);
        if (descent.step === this.steps.length || run.isCut) {
          run.answer(false, error);
          return replaced;
        }
        descent.step++;
      }
    }
  }

  /** Holds the call until a step has come to its end, and with it the places of outer bulkheads. */
  private wait(descent: Descent, work: PromiseLike<unknown>): ExitVerdict {
    const { run, at, outcome } = descent;
    const result = Promise.resolve(work);
    run.keepOpen(result);
    result.then(
      (value) => {
        if (!run.isHeldAt(at)) return;
        this.tellFellBack(outcome, value, descent.step);
        run.settle(at, true, value);
      },
      (error: unknown) => this.stepRejected(descent, error),
    );
    return held;
  }

  private stepRejected(descent: Descent, error: unknown): void {
    const { run, at } = descent;
    if (!run.isHeldAt(at)) return;
    this.tellFailed(descent, error);
    if (descent.step === this.steps.length) {
      run.settle(at, false, error);
      return;
    }
    descent.step++;
    if (this.descend(descent) === replaced) run.settle(at, run.ok, run.value);
  }

  private tellFailed({ outcome, step }: Descent, error: unknown): void {
    if (this.isHeard(topics.failed)) this.tell(topics.failed, { outcome, error, step });
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { steps: this.steps.length };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
