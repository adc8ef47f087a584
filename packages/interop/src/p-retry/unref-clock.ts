import { type Clock, type ClockTimer, systemClock } from '@holdfast/policy';

/** The clock of the process, whose timers do not keep it alive. */
export const unrefClock: Clock = {
  now: () => systemClock.now(),
  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    const timer = systemClock.setTimeout(callback, delayMs);
    timer.unref();
    return timer;
  },
};
