import { untilAborted } from './until-aborted.ts';

/** One run of the work, and how many still wait for it. */
interface Flight<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  interested: number;
  hasBegun: boolean;
}

/**
 * Work that never runs twice at a time. Whoever asks while it runs gets the run after this one, since
 * what runs may have begun too early for them; all who ask meanwhile share that one. A run is aborted
 * when nobody waits for it any more.
 */
export class SharedWork<T> {
  private readonly work: (signal: AbortSignal) => Promise<T>;
  private current: Flight<T> | undefined;
  private next: Flight<T> | undefined;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.work = work;
  }

  /** The result of a run that begins from now on; rejects with `signal.reason` on abort. */
  run(signal: AbortSignal): Promise<T> {
    return untilAborted(signal, () => this.join(signal));
  }

  private async join(signal: AbortSignal): Promise<T> {
    const flight = this.flight();
    flight.interested += 1;
    const leave = (): void => this.leave(flight);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await flight.result;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** The run that begins next, whoever has asked for it. */
  private flight(): Flight<T> {
    const { current, next } = this;
    if (current === undefined) {
      this.current = this.launch(Promise.resolve());
      return this.current;
    }
    if (isOpen(current)) return current;
    if (next !== undefined && isOpen(next)) return next;
    this.next = this.launch(current.result);
    return this.next;
  }

  /** Begins the work once what is before it has ended, however it did. */
  private launch(before: Promise<unknown>): Flight<T> {
    const controller = new AbortController();
    const { signal } = controller;
    const result = before.then(noop, noop).then(async () => {
      signal.throwIfAborted();
      flight.hasBegun = true;
      return this.work(signal);
    });
    const flight: Flight<T> = { controller, result, interested: 0, hasBegun: false };
    void result.then(noop, noop).then(() => this.landed(flight));
    return flight;
  }

  private landed(flight: Flight<T>): void {
    if (this.current === flight) {
      this.current = this.next;
      this.next = undefined;
    } else if (this.next === flight) this.next = undefined;
  }

  private leave(flight: Flight<T>): void {
    flight.interested -= 1;
    if (flight.interested === 0) flight.controller.abort();
  }
}

/** Whether one can still join: it has not begun, and nobody has given it up. */
function isOpen<T>({ controller, hasBegun }: Flight<T>): boolean {
  return !hasBegun && !controller.signal.aborted;
}

function noop(): void {}
