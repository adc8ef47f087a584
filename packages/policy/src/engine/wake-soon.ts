/** A call that waits at a layer. */
export interface Sleeper {
  /** The layer at which it waits. */
  readonly at: number;
  /** Lets it go on, if it still waits at that layer. */
  wake(at: number): void;
}

const resolved: Promise<void> = Promise.resolve();
let sleepers: Sleeper[] = [];
let places: number[] = [];

/**
 * Wakes a call in a microtask: whoever gives it a place is to get out of its own hooks first. All that
 * are woken meanwhile share the microtask.
 */
export function wakeSoon(sleeper: Sleeper): void {
  schedule(sleeper, sleeper.at);
}

function schedule(sleeper: Sleeper, place: number): void {
  places.push(place);
  if (sleepers.push(sleeper) === 1) void resolved.then(wakeAll);
}

function wakeAll(): void {
  const due = sleepers;
  const at = places;
  sleepers = [];
  places = [];
  let next = 0;
  try {
    while (next < due.length) {
      const sleeper = due[next] as Sleeper;
      const place = at[next++] as number;
      sleeper.wake(place);
    }
  } finally {
    // A hook has thrown, which it must not: the others are not to sleep for ever because of that.
    for (; next < due.length; next++) schedule(due[next] as Sleeper, at[next] as number);
  }
}
