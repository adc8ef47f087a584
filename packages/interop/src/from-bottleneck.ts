import {
  type Clock,
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  optionalFunction,
} from '@holdfast/policy';
import { ForeignLimiterPolicy, type LimiterPolicy } from './limiter/limiter-policy.ts';
import { Turn } from './limiter/turn.ts';

/** How a job of Bottleneck is to be. */
export interface BottleneckJobOptions {
  /** From 0, which goes first, to 9. */
  readonly priority?: number;
  /** How much of `maxConcurrent` and of the reservoir it takes. */
  readonly weight?: number;
  /** After how many milliseconds it fails. */
  readonly expiration?: number;
  /** What it is called; no two jobs at a time may have the same. */
  readonly id?: string;
}

/** What {@link fromBottleneck} needs of a limiter of Bottleneck. */
export interface BottleneckLike {
  /** Runs a task, with this argument, when its turn has come. */
  schedule(
    options: BottleneckJobOptions,
    task: (turn: unknown) => PromiseLike<void>,
    turn: unknown,
  ): PromiseLike<unknown>;
  /** Calls back with each job that is dropped. */
  on(event: 'dropped', listener: (dropped: { readonly args: unknown[] }) => void): unknown;
}

/** What {@link fromBottleneck} can be told. Its functions are asked once for each call, as it comes in. */
export interface FromBottleneckOptions {
  /**
   * The priority of a call: from 0, which goes first, to 9.
   *
   * @default undefined (5, as in Bottleneck)
   */
  readonly priority?: ((context: ExecutionContext) => number | undefined) | undefined;
  /**
   * How much of `maxConcurrent` and of the reservoir a call takes.
   *
   * @default undefined (1, as in Bottleneck)
   */
  readonly weight?: ((context: ExecutionContext) => number | undefined) | undefined;
  /**
   * For how many milliseconds a call may run. Then its signal is aborted, it rejects with a
   * `TimeoutError`, and Bottleneck takes its place back, although the work may go on. On Redis it also
   * frees the places of a process that has died.
   *
   * @default undefined
   */
  readonly expiration?: ((context: ExecutionContext) => number | undefined) | undefined;
  /**
   * What the job is called. A call is rejected while there is another one with the same id.
   *
   * @default undefined (chosen by Bottleneck)
   */
  readonly id?: ((context: ExecutionContext) => string | undefined) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'bottleneck'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from, for the deadlines of calls. Bottleneck itself goes by the process.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const jobNames = ['priority', 'weight', 'expiration', 'id'] as const;

/**
 * Makes a policy of a limiter of Bottleneck, also of one that is clustered by Redis: calls of a pipeline
 * are jobs among all others of the limiter. A call goes on in the async context of its own caller, and
 * its job lasts until the work has really ended.
 *
 * A call that Bottleneck drops or cannot take rejects with a {@link LimiterRejectedError}, whose `cause`
 * is the `BottleneckError`. A caller that gives up while it waits is answered at once; Bottleneck cannot
 * take the job out of its queue, but when its turn comes, it ends at once and the operation is not called.
 *
 * When an operation fails, its job does: listeners of the limiter's event `failed` hear of it, and a
 * number that one of them returns makes Bottleneck run the operation again, with the next `attempt`.
 *
 * Make one policy per limiter: each listens to the limiter's event `dropped`.
 *
 * @throws `TypeError` when `limiter` is none, or naming the option that cannot be used.
 *
 * @example
 * ```ts
 * import Bottleneck from 'bottleneck';
 *
 * const limiter = new Bottleneck({ maxConcurrent: 10, datastore: 'redis' });
 * const inventory = compose(retry(), fromBottleneck(limiter));
 * ```
 */
export function fromBottleneck(
  limiter: BottleneckLike,
  options: FromBottleneckOptions = {},
): LimiterPolicy {
  const { name = 'bottleneck', clock, expiration } = checked(limiter, options);
  limiter.on('dropped', ({ args: [turn] }) => {
    // With `rejectOnDrop: false` Bottleneck says it nowhere else; otherwise its rejection comes first.
    if (turn instanceof Turn) queueMicrotask(turn.ended);
  });
  return new ForeignLimiterPolicy(
    {
      library: 'bottleneck',
      hearsFailures: true,
      expires: expiration !== undefined,
      jobOf(context) {
        const job = jobOptions(context, options);
        const { expiration: expiresMs } = job;
        return { expiresMs, schedule: (turn) => limiter.schedule(job, runTurn, turn) };
      },
    },
    { name, clock },
  );
}

/** Bottleneck hands its listeners the arguments of the task, so the turn is one. */
async function runTurn(turn: unknown): Promise<void> {
  await (turn as Turn).task();
}

function checked(limiter: BottleneckLike, options: FromBottleneckOptions): FromBottleneckOptions {
  if (typeof limiter?.schedule !== 'function' || typeof limiter.on !== 'function') {
    throw invalidOption('limiter', 'a limiter of Bottleneck', limiter, TypeError);
  }
  knownOptions(options, [...jobNames, 'name', 'clock']);
  for (const name of jobNames) optionalFunction(name, options[name]);
  commonOptions(options);
  return options;
}

/** Only what is given: null and undefined are not the same to Bottleneck as nothing. */
function jobOptions(
  context: ExecutionContext,
  options: FromBottleneckOptions,
): BottleneckJobOptions {
  const job: Record<string, unknown> = {};
  for (const name of jobNames) {
    const value = options[name]?.(context);
    if (value !== undefined) job[name] = value;
  }
  return job;
}
