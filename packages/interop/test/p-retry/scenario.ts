import type { Options, RetryContext } from '@holdfast/interop/p-retry';
import { seededRandom } from '@holdfast/testing';
import { vi } from 'vitest';

/** What is common to p-retry and to the entry that replaces it. */
export interface Library {
  readonly default: <T>(
    input: (attempt: number) => PromiseLike<T> | T,
    options?: Options,
  ) => Promise<T>;
  readonly AbortError: new (message?: string | Error) => Error;
}

/** How one attempt ends, or what one callback does. */
export interface Step {
  readonly does:
    | 'value'
    | 'error'
    | 'type-error'
    | 'network-error'
    | 'stop'
    | 'stop-with-error'
    | 'nested-stop'
    | 'yes'
    | 'no'
    | 'nothing'
    | 'throw'
    | 'throw-stop';
  /** How long it takes, in milliseconds; undefined: it is not async at all. */
  readonly afterMs?: number | undefined;
  /** Aborts the signal just before that. */
  readonly aborts?: boolean | undefined;
}

export interface Scenario {
  readonly attempts: readonly Step[];
  readonly onFailedAttempt?: readonly Step[] | undefined;
  readonly shouldRetry?: readonly Step[] | undefined;
  readonly shouldConsumeRetry?: readonly Step[] | undefined;
  readonly options: Omit<Options, 'onFailedAttempt' | 'shouldRetry' | 'shouldConsumeRetry'>;
  readonly abortAtMs?: number | undefined;
}

type Log = unknown[][];

/** Plays the scenario under fake timers, and tells all that happened, and when. */
export async function play(library: Library, scenario: Scenario): Promise<Log> {
  vi.useFakeTimers();
  const random = vi.spyOn(Math, 'random').mockImplementation(seededRandom(7));
  try {
    return await playOn(library, scenario);
  } finally {
    random.mockRestore();
    vi.useRealTimers();
  }
}

async function playOn(library: Library, scenario: Scenario): Promise<Log> {
  const startedAt = performance.now();
  const log: Log = [];
  const tell = (...what: unknown[]): void => {
    log.push([performance.now() - startedAt, ...what]);
  };
  const caller = new AbortController();
  const { abortAtMs } = scenario;
  if (abortAtMs !== undefined) setTimeout(() => caller.abort('the caller left'), abortAtMs);
  const perform = player(library, caller);
  const callback = (name: string, steps: readonly Step[] | undefined) =>
    steps && {
      [name]: (context: RetryContext): unknown => {
        tell(name, { ...context, error: shown(context.error) }, Object.isFrozen(context));
        return perform(steps[context.attemptNumber - 1] ?? { does: 'yes' });
      },
    };
  const call = library.default(
    (attempt) => {
      tell('attempt', attempt);
      return perform(scenario.attempts[attempt - 1] ?? { does: 'value' });
    },
    {
      ...scenario.options,
      ...callback('onFailedAttempt', scenario.onFailedAttempt),
      ...callback('shouldRetry', scenario.shouldRetry),
      ...callback('shouldConsumeRetry', scenario.shouldConsumeRetry),
      signal: caller.signal,
    },
  );
  call.then(
    (value) => tell('value', value),
    (error: unknown) => tell('error', shown(error)),
  );
  await vi.runAllTimersAsync();
  tell('timers left', vi.getTimerCount());
  return log;
}

function player({ AbortError }: Library, caller: AbortController): (step: Step) => unknown {
  const act = ({ does, aborts }: Step): unknown => {
    if (aborts) caller.abort('aborted from inside');
    if (does === 'value') return 'the value';
    if (does === 'yes' || does === 'no') return does === 'yes';
    if (does === 'nothing') return undefined;
    if (does === 'type-error') throw new TypeError('x is not a function');
    if (does === 'network-error') throw new TypeError('fetch failed');
    if (does === 'stop') throw new AbortError('enough');
    if (does === 'nested-stop') throw new AbortError(new AbortError(new RangeError('inner')));
    throw does.includes('stop') ? new AbortError(new RangeError('inner')) : new Error(does);
  };
  return (step) => {
    const { afterMs } = step;
    if (afterMs === undefined) return act(step);
    return new Promise((resolve) => {
      setTimeout(resolve, afterMs);
    }).then(() => act(step));
  };
}

function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  return { name, message, of: Object.getPrototypeOf(error).constructor.name };
}
