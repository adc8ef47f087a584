import {
  type Clock,
  type HeapedDeadline,
  type Run,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';

/** The end of the time of a call that waits for a flight, where its caller has brought a deadline. */
export class WaitLimit implements HeapedDeadline {
  due: number | undefined = undefined;
  place = -1;
  private readonly run: Run;
  private readonly at: number;
  private readonly timeoutMs: number;

  constructor(run: Run, at: number, timeoutMs: number) {
    this.run = run;
    this.at = at;
    this.timeoutMs = timeoutMs;
  }

  expire(): void {
    const { run, at, timeoutMs } = this;
    const { started } = run;
    const policy = run.plan.layers[at]?.name;
    const message = 'the deadline passed before the shared answer came';
    run.cut(
      at,
      withoutStack(() => new TimeoutError(message, { timeoutMs, started, policy })),
    );
  }
}

/**
 * The limit of a call that layer `at` parks. A flight has no deadline of one of its callers, so that no
 * policy inside watches it; one outside that does is to say so itself.
 */
export function limitOf(run: Run, at: number, clock: Clock): WaitLimit | undefined {
  const deadline = run.options?.deadline;
  if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return undefined;
  const [outermost] = run.plan.deadlineLayers;
  if (outermost !== undefined && outermost < at) return undefined;
  return new WaitLimit(run, at, Math.max(0, deadline - run.time(clock)));
}
