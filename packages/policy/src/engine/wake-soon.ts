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
  places.push(sleeper.at);
  if (sleepers.push(sleeper) === 1) void resolved.then(wakeAll);
}

function wakeAll(): void {
  const due = sleepers;
  const at = places;
  sleepers = [];
  places = [];
  for (let i = 0; i < due.length; i++) due[i]?.wake(at[i] as number);
}
