/** A call that waits at a layer. */
export interface Sleeper {
  /** The layer at which it waits. */
  readonly at: number;
  /** Lets it go on, if it still waits at that layer. */
  wake(at: number): void;
}

const resolved: Promise<void> = Promise.resolve();

/** Those that are to be woken, and where each waits. */
class Sleepers {
  readonly calls: Sleeper[] = [];
  readonly places: number[] = [];

  clear(): void {
    this.calls.length = 0;
    this.places.length = 0;
  }
}

/** Two lists take turns: whoever is woken may let others go on, and these have to wait. */
let sleepers = new Sleepers();
let spare = new Sleepers();

/**
 * Wakes a call in a microtask: whoever gives it a place is to get out of its own hooks first. All that
 * are woken meanwhile share the microtask.
 */
export function wakeSoon(sleeper: Sleeper): void {
  schedule(sleeper, sleeper.at);
}

function schedule(sleeper: Sleeper, place: number): void {
  sleepers.places.push(place);
  if (sleepers.calls.push(sleeper) === 1) void resolved.then(wakeAll);
}

function wakeAll(): void {
  const due = sleepers;
  sleepers = spare;
  spare = due;
  const { calls, places } = due;
  let next = 0;
  try {
    while (next < calls.length) {
      const sleeper = calls[next] as Sleeper;
      const place = places[next++] as number;
      sleeper.wake(place);
    }
  } finally {
    // A hook has thrown, which it must not: the others are not to sleep for ever because of that.
    for (; next < calls.length; next++) schedule(calls[next] as Sleeper, places[next] as number);
    due.clear();
  }
}
