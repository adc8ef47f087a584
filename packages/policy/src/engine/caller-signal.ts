import { onTurnEnd } from '../turn.ts';

/** Someone who wants to know that a caller's signal was aborted; the links are the hub's. */
export interface SignalWatcher {
  /** The place in a hub's list; null when in none. */
  previous: SignalWatcher | SignalHub | null;
  next: SignalWatcher | SignalHub | null;
  callerAborted(signal: AbortSignal): void;
}

/** The hub of a signal is kept on the signal: a look-up there costs next to nothing. */
const hubKey: unique symbol = Symbol('holdfast.hub');
type Watched = AbortSignal & { [hubKey]?: SignalHub };

/** The hubs of signals that are sealed, and cannot keep their own. */
const hubsOfSealed = new WeakMap<AbortSignal, SignalHub>();

/** Stands for a frozen signal: Node can neither abort that one nor add a listener to it. */
const neverAborted = new AbortController().signal;

/**
 * One listener that serves all the calls in flight on one signal. Listeners of an `EventTarget` are a
 * list that is walked to add and to remove one, and dear even when there is only one; links of our own
 * cost the same for any number of calls.
 *
 * The listener comes when somebody cannot wait ({@link listenTo}), or else with the end of the turn of
 * the event loop: a call that settles within the turn and never looked at its signal needs none. It
 * goes with the end of the turn in which the last call has settled.
 */
export class SignalHub {
  previous: SignalWatcher | SignalHub = this;
  next: SignalWatcher | SignalHub = this;
  private readonly signal: AbortSignal;
  private listens = false;
  private awaitsTurnEnd = false;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  link(watcher: SignalWatcher): void {
    const last = this.previous;
    watcher.previous = last;
    watcher.next = this;
    last.next = watcher;
    this.previous = watcher;
    if (!this.listens) this.awaitTurnEnd();
  }

  /** Listens from now on, if there is anybody to tell. */
  listen(): void {
    if (this.listens || this.next === this) return;
    this.listens = true;
    this.signal.addEventListener('abort', this);
  }

  /** The last call in flight has settled. */
  emptied(): void {
    if (this.listens) this.awaitTurnEnd();
  }

  private awaitTurnEnd(): void {
    if (this.awaitsTurnEnd) return;
    this.awaitsTurnEnd = true;
    onTurnEnd(this);
  }

  turnEnded(): void {
    this.awaitsTurnEnd = false;
    if (this.next === this) this.stopListening();
    else if (this.signal.aborted) this.handleEvent();
    else this.listen();
  }

  private stopListening(): void {
    if (!this.listens) return;
    this.listens = false;
    this.signal.removeEventListener('abort', this);
  }

  /** The signal has been aborted. */
  handleEvent(): void {
    for (let first = this.next; !(first instanceof SignalHub); first = this.next) {
      unwatch(first);
      first.callerAborted(this.signal);
    }
  }
}

/** Lets `watcher` know when `signal` is aborted, until {@link unwatch}. */
export function watch(signal: AbortSignal, watcher: SignalWatcher): void {
  ((signal as Watched)[hubKey] ?? makeHub(signal)).link(watcher);
}

function makeHub(signal: AbortSignal): SignalHub {
  const sealed = hubsOfSealed.get(signal);
  if (sealed !== undefined) return sealed;
  const hub = new SignalHub(Object.isFrozen(signal) ? neverAborted : signal);
  if (Object.isExtensible(signal)) (signal as Watched)[hubKey] = hub;
  else hubsOfSealed.set(signal, hub);
  return hub;
}

/** The hub of a signal that somebody has watched; looks among the sealed ones only where it has to. */
function hubOf(signal: AbortSignal): SignalHub | undefined {
  return (signal as Watched)[hubKey] ?? hubsOfSealed.get(signal);
}

/** Ends what {@link watch} began; does nothing if it was not watching. */
export function unwatch(watcher: SignalWatcher): void {
  const { previous, next } = watcher;
  if (previous === null || next === null) return;
  previous.next = next;
  next.previous = previous;
  watcher.previous = watcher.next = null;
  if (previous === next) (next as SignalHub).emptied();
}

/** Sees to it that those who watch `signal` hear of an abort at once. */
export function listenTo(signal: AbortSignal): void {
  hubOf(signal)?.listen();
}

/** Tells those who watch `signal` that it has been aborted, if they have not heard of it yet. */
export function tellOfAbort(signal: AbortSignal): void {
  hubOf(signal)?.handleEvent();
}
