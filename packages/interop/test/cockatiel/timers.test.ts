import { expect, test } from 'vitest';
import { retryClock, timeoutClock } from '../../src/cockatiel/timers.ts';

/** How many timers keep the process alive. */
function held(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

test.each([
  ['a retry', retryClock],
  ['a timeout', timeoutClock],
])(
  'the timers of %s let the process end if they are told so, whoever wants them later',
  (_of, clockOf) => {
    const before = held();
    const plain = clockOf(false).setTimeout(() => undefined, 1_000_000);
    expect(held()).toBe(before + 1);
    const unref = clockOf(true).setTimeout(() => undefined, 1_000_000);
    unref.ref();
    expect(held()).toBe(before + 1);
    unref.cancel();
    plain.cancel();
    expect(held()).toBe(before);
  },
);
