import { onTurnEnd } from '../turn.ts';

/** Someone who wants to know that a caller's signal was aborted; the links are the hub's. */
export interface SignalWatcher {
  /** The place in a hub's list; null when not in one, itself while it listens to the signal itself. */
  previous: SignalWatcher | SignalHub | null;
  next: SignalWatcher | SignalHub | null;
  callerAborted(signal: AbortSignal): void;
  /** Makes it a listener of the signal. */
  handleEvent(event: Event): void;
}

/** What watches a signal at the moment, kept on the signal: a look-up there costs next to nothing. */
const watchedBy: unique symbol = Symbol('holdfast.watchedBy');
type Watched = AbortSignal & { [watchedBy]?: SignalWatcher | SignalHub | undefined };

/**
 * One listener that serves all the calls in flight on one signal. Listeners of an `EventTarget` are a
 * list that is walked to add and to remove one; links of our own cost the same for any number.
 */
export class SignalHub {
  previous: SignalWatcher | SignalHub = this;
  next: SignalWatcher | SignalHub = this;
  private readonly signal: Watched;
  private ending = false;

  constructor(signal: Watched) {
    this.signal = signal;
    signal.addEventListener('abort', this);
  }

  link(watcher: SignalWatcher): void {
    const last = this.previous;
    watcher.previous = last;
    watcher.next = this;
    last.next = watcher;
    this.previous = watcher;
  }

  unlink(watcher: SignalWatcher): void {
    const { previous, next } = watcher;
    if (previous === null || next === null) return;
    previous.next = next;
    next.previous = previous;
    watcher.previous = watcher.next = null;
    if (this.next === this && !this.ending) {
      this.ending = true;
      onTurnEnd(this);
    }
  }

  turnEnded(): void {
    this.ending = false;
    if (this.next !== this || this.signal[watchedBy] !== this) return;
    this.signal[watchedBy] = undefined;
    this.signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    for (let first = this.next; !(first instanceof SignalHub); first = this.next) {
      this.unlink(first);
      first.callerAborted(this.signal);
    }
  }
}

/** Lets `watcher` know when `signal` is aborted, until {@link unwatch}. */
export function watch(signal: AbortSignal, watcher: SignalWatcher): void {
  if (signal.aborted) {
    queueMicrotask(() => watcher.callerAborted(signal));
    return;
  }
  const watched = signal as Watched;
  const present = watched[watchedBy];
  if (present === undefined) {
    // Most signals belong to one request: a listener alone is the cheapest for these.
    watched[watchedBy] = watcher;
    watcher.next = watcher;
    signal.addEventListener('abort', watcher);
    return;
  }
  const hub = present instanceof SignalHub ? present : shared(watched, present);
  hub.link(watcher);
}

/** From the second call in flight on one signal on, a hub serves all. */
function shared(signal: Watched, first: SignalWatcher): SignalHub {
  first.next = null;
  signal.removeEventListener('abort', first);
  const hub = new SignalHub(signal);
  signal[watchedBy] = hub;
  hub.link(first);
  return hub;
}

/** Ends what {@link watch} began; does nothing if it was not watching. */
export function unwatch(signal: AbortSignal, watcher: SignalWatcher): void {
  const watched = signal as Watched;
  if (watcher.next === watcher) {
    watcher.next = null;
    watched[watchedBy] = undefined;
    signal.removeEventListener('abort', watcher);
  } else if (watcher.next !== null) {
    const hub = watched[watchedBy];
    if (hub instanceof SignalHub) hub.unlink(watcher);
  }
}
