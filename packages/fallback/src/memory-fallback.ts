import {
  admitted,
  type Clock,
  type EnterVerdict,
  type ExitVerdict,
  pass,
  replaced,
  type Run,
  runGuarded,
  systemClock,
} from '@holdfast/policy';
import { type FallbackMemory, isMemory, type Recalled } from './memory.ts';
import type { AnyFallbackOptions, FallbackStep } from './options.ts';
import { ChainFallback, type Descent } from './replacement.ts';

type Step = FallbackStep<unknown, never>;

/** A fallback with memories among its steps, which it tells of each value that it lets through. */
export class MemoryFallback extends ChainFallback<Step> {
  override readonly clock: Clock;
  private readonly memories: readonly FallbackMemory<unknown>[];

  constructor(steps: readonly Step[], options: AnyFallbackOptions) {
    super(steps, options);
    this.clock = options.clock ?? systemClock;
    this.memories = steps.filter(isMemory) as FallbackMemory<unknown>[];
  }

  override get isReactive(): boolean {
    return false;
  }

  override enter(run: Run, at: number): EnterVerdict {
    run.tickets[at] = run.time(this.clock);
    return admitted;
  }

  override success(run: Run, at: number, value: unknown): ExitVerdict {
    const verdict = super.success(run, at, value);
    if (verdict === pass) this.remember(run, at, value);
    return verdict;
  }

  private remember(run: Run, at: number, value: unknown): void {
    try {
      if (this.isBadAndLate(run, value)) return;
      for (const memory of this.memories) {
        memory.remember(value, run, run.tickets[at] as number);
      }
    } catch (error) {
      // The value is good all the same.
      const rethrow = (): never => {
        throw error;
      };
      runGuarded(rethrow, { kind: this.kind, event: 'remember', policy: this.name });
    }
  }

  /** A late value may be good for the next call, but nobody has asked `when` about it. */
  private isBadAndLate(run: Run, value: unknown): boolean | undefined {
    return (run.isCut || run.callerGaveUp) && this.when?.({ ok: true, value });
  }

  protected override descend(descent: Descent): ExitVerdict {
    const { run, outcome, step } = descent;
    const memory = this.steps[step - 1];
    if (!isMemory(memory)) return super.descend(descent);
    let recalled: Recalled<unknown> | undefined;
    try {
      recalled = memory.recall(run, this.clock.now());
    } catch (error) {
      return this.stepFailed(descent, error);
    }
    if (recalled !== undefined) return this.found(descent, recalled.value, recalled.ageMs);
    if (step === this.steps.length) {
      run.answer(outcome.ok, outcome.ok ? outcome.value : outcome.error);
      return replaced;
    }
    descent.step++;
    return this.descend(descent);
  }

  protected override described(): Readonly<Record<string, unknown>> {
    return {
      ...super.described(),
      memories: this.memories.map(({ description }) => description),
    };
  }
}
