import type { Clock, ExecutionContext } from '@holdfast/policy';

/** What a {@link Schedule} works with. */
export interface ScheduleTools {
  /** The source of its random numbers: its own stream of the policy's seed. */
  readonly random: () => number;
  /** The clock of the policy. */
  readonly clock: Clock;
}

/** Whether chaos strikes a call; only `true` itself means yes. */
export type Decide = (context: ExecutionContext) => boolean;

/** Says which calls chaos strikes; made by `rate`, `everyNth`, `nth` or `outages`. */
export interface Schedule {
  /** What it is, such as `'rate'`; events tell it. */
  readonly kind: string;
  /** Begins anew, for one policy: the function is asked once for each call, in order. */
  start(tools: ScheduleTools): Decide;
}
