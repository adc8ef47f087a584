import { type Clock, type ClockTimer, systemClock } from '@holdfast/policy';

/**
 * The shortest delay there is: a timer, and not a microtask, so that a function which always fails at
 * once does not keep the event loop from all else.
 */
export const soon: number = Number.MIN_VALUE;

function ignore(): void {}

/** Lets the process end, whatever the owner of the timer says later. */
function letGo(timer: ClockTimer): ClockTimer {
  timer.unref();
  return Object.assign(timer, { ref: ignore });
}

const clock: Clock = {
  now: () => systemClock.now(),
  setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs < 1 ? 0 : delayMs),
};

const idleClock: Clock = {
  now: () => systemClock.now(),
  setTimeout: (callback, delayMs) => letGo(clock.setTimeout(callback, delayMs)),
};

/** The time of the process; its timers are as short as {@link soon}, and let the process end if told so. */
export function retryClock(isUnref: boolean): Clock {
  return isUnref ? idleClock : clock;
}

/** The time of the process; its timers let the process end if told so. */
export function timeoutClock(isUnref: boolean): Clock {
  return isUnref ? idleClock : systemClock;
}
