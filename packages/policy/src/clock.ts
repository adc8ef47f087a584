import { beginTurn, isFaked, onTurnEnd, readClock, type TurnEndTask, turnTime } from './turn.ts';

/** A timer that a {@link Clock} has armed. */
export interface ClockTimer {
  /** Forgets the callback; does nothing if it has run. */
  cancel(): void;
  /** Lets the timer keep the process alive, as it does at first. */
  ref(): void;
  /** Lets the process end although the timer is still armed. */
  unref(): void;
}

/**
 * Where a policy gets its time from. Every policy takes one as its option `clock`; tests pass
 * `virtualClock()` of `@holdfast/testing`.
 *
 * @example
 * ```ts
 * const halfSpeed: Clock = {
 *   now: () => systemClock.now() / 2,
 *   setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs * 2),
 * };
 * ```
 */
export interface Clock {
  /** Milliseconds, with a fraction, that only ever grow. Their origin means nothing. */
  now(): number;
  /**
   * Calls back once, not before `delayMs` milliseconds have passed. Any finite delay from 0 up
   * works, also one beyond 2^31-1 ms, where the timers of Node would fire at once.
   */
  setTimeout(callback: () => void, delayMs: number): ClockTimer;
}

/** The longest delay that the timers of Node keep. */
const longestDelayMs = 2 ** 31 - 1;

class SystemTimer implements ClockTimer {
  /** The `setTimeout` that armed this timer: fake timers come and go while a policy lives. */
  readonly armedWith: typeof setTimeout = setTimeout;
  private readonly callback: () => void;
  private handle: ReturnType<typeof setTimeout>;
  private held = true;

  constructor(callback: () => void, delayMs: number) {
    this.callback = callback;
    this.handle = this.arm(delayMs);
  }

  private arm(delayMs: number): ReturnType<typeof setTimeout> {
    if (delayMs <= longestDelayMs)
      return setTimeout(this.callback, Math.ceil(Math.max(0, delayMs)));
    return setTimeout(() => {
      this.handle = this.arm(delayMs - longestDelayMs);
      if (!this.held) this.unref();
    }, longestDelayMs);
  }

  cancel(): void {
    clearTimeout(this.handle);
  }

  ref(): void {
    this.held = true;
    this.handle.ref();
  }

  unref(): void {
    this.held = false;
    this.handle.unref();
  }
}

/**
 * The clock of the process: `performance.now()` and the global `setTimeout`, both looked up at each
 * call, so that the fake timers of vitest, sinon and `node:test` govern it.
 */
export const systemClock: Clock = {
  now(): number {
    const now = readClock();
    beginTurn(now);
    return now;
  },
  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    return new SystemTimer(callback, delayMs);
  },
};

/**
 * The time for a bookkeeping that bears to be some microseconds behind: read at most once per turn
 * of the event loop and per few calls. A clock of your own is always asked.
 *
 * @internal
 */
export function recentTime(clock: Clock): number {
  if (clock !== systemClock) return clock.now();
  return turnTime() ?? systemClock.now();
}

/**
 * Has `task.turnEnded()` called once the present turn of the event loop is over. False, and it is not
 * called, unless `clock` is that of the process and no fake timers govern it: time may jump within a
 * turn then.
 *
 * @internal
 */
export function awaitTurnEnd(clock: Clock, task: TurnEndTask): boolean {
  if (clock !== systemClock || isFaked(setTimeout)) return false;
  onTurnEnd(task);
  return true;
}

/**
 * True when a timer was armed by fake timers that are gone now, or by real ones that have been
 * replaced: it may never fire.
 *
 * @internal
 */
export function isStale(timer: ClockTimer): boolean {
  return timer instanceof SystemTimer && timer.armedWith !== setTimeout;
}

/**
 * True when fake timers armed the timer. Its firing is then the truth, whatever the clock says:
 * `node:test` fakes `setTimeout` but not `performance.now`.
 *
 * @internal
 */
export function isFakeTimer(timer: ClockTimer): boolean {
  return timer instanceof SystemTimer && isFaked(timer.armedWith);
}
