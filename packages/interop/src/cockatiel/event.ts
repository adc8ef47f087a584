import { TaskCancelledError } from './errors.ts';

/** Something that can be put away; calling `dispose` again does nothing. */
export interface IDisposable {
  /** Puts it away. */
  dispose(): void;
}

/** Subscribes a listener; what it returns ends the subscription. */
export type Event<T> = (listener: (data: T) => void) => IDisposable;

/** What {@link Event} can do with an event. */
export interface EventFunctions {
  /**
   * Hears the event once.
   *
   * @example
   * ```ts
   * Event.once(breaker.onBreak, () => console.log('open'));
   * ```
   */
  readonly once: <T>(event: Event<T>, listener: (data: T) => void) => IDisposable;
  /**
   * Resolves with the next event. When `signal` is aborted before, it rejects with a
   * {@link TaskCancelledError}, and listens no longer.
   */
  readonly toPromise: <T>(event: Event<T>, signal?: AbortSignal) => Promise<T>;
}

const nothing: IDisposable = { dispose: () => undefined };

function once<T>(event: Event<T>, listener: (data: T) => void): IDisposable {
  let isOver = false;
  const held: { subscription?: IDisposable } = {};
  const subscription = event((data) => {
    if (isOver) return;
    isOver = true;
    // An event may tell at once, before there is anything to dispose of.
    held.subscription?.dispose();
    listener(data);
  });
  held.subscription = subscription;
  if (!isOver) return subscription;
  subscription.dispose();
  return nothing;
}

function toPromise<T>(event: Event<T>, signal?: AbortSignal): Promise<T> {
  if (signal?.aborted) return Promise.reject(new TaskCancelledError());
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const cancel = (): void => {
    subscription.dispose();
    reject(new TaskCancelledError());
  };
  signal?.addEventListener('abort', cancel, { once: true });
  const subscription = once(event, (data) => {
    signal?.removeEventListener('abort', cancel);
    resolve(data);
  });
  return promise;
}

/** Functions for events. */
export const Event: EventFunctions = { once, toPromise };

/** The source of an {@link Event}. What a listener throws reaches whoever calls `emit`. */
export class EventEmitter<T> {
  /** Subscribes a listener. A listener that is there already is called once more. */
  readonly addListener: Event<T> = (listener) => this.addListenerInner(listener);
  /** Each subscription is an object of its own, so that ending one does not end its twin. */
  protected subscriptions: readonly {
    /** Whom to tell. */
    readonly listener: (data: T) => void;
  }[] = [];

  /** How many listeners there are. */
  get size(): number {
    return this.subscriptions.length;
  }

  /** Calls the listeners that there are now, in the order in which they came. */
  emit(value: T): void {
    for (const { listener } of this.subscriptions) listener(value);
  }

  /** What {@link EventEmitter.addListener} does. */
  protected addListenerInner(listener: (data: T) => void): IDisposable {
    const subscription = { listener };
    this.subscriptions = [...this.subscriptions, subscription];
    return {
      dispose: () => {
        this.subscriptions = this.subscriptions.filter((each) => each !== subscription);
      },
    };
  }
}
