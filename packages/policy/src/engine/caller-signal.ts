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

  listen(): void {
    if (this.listens) return;
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
  const watched = signal as Watched;
  watched[hubKey] ??= new SignalHub(signal);
  watched[hubKey].link(watcher);
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
  (signal as Watched)[hubKey]?.listen();
}

/** Tells those who watch `signal` that it has been aborted, if they have not heard of it yet. */
export function tellOfAbort(signal: AbortSignal): void {
  (signal as Watched)[hubKey]?.handleEvent();
}
