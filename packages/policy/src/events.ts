import { type Channel, channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'eventemitter3';

/** What every event of a policy has. */
export interface PolicyEvent {
  /** The kind of policy, such as `'retry'`. */
  readonly kind: string;
  /** What happened, such as `'opened'`. */
  readonly event: string;
  /** The name of the policy. */
  readonly policy: string;
}

/** Hears an event. What it throws is reported as a process warning and changes nothing. */
export type EventListener<Event = never> = (event: Event) => void;

/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

/** Something that has events. */
export interface EventSource<Events> {
  /**
   * Calls `listener` at each event of that name until the function that this returns is called. The
   * same events are published on `node:diagnostics_channel`, as `holdfast:<kind>:<event>`.
   */
  on<Name extends keyof Events & string>(
    event: Name,
    listener: EventListener<Events[Name]>,
  ): Unsubscribe;
}

/** Whoever has a policy for each key: the events of these are its own as well, and tell the key. */
export interface EventOwner {
  /** The key that the events are to tell. */
  readonly key: string | undefined;
  /** Whether anybody listens there. */
  readonly isListenedTo: boolean;
  /** Tells an event there. */
  tell(event: PolicyEvent): void;
}

/** One kind of event of one kind of policy: its names and its channel. */
export interface Topic {
  /** The kind of policy. */
  readonly kind: string;
  /** What happened. */
  readonly event: string;
  /** Where it is published: `holdfast:<kind>:<event>`. */
  readonly channel: Channel;
}

/** What a topic's event tells beside the names. */
export type EventDetails<Event> = Omit<Event, keyof PolicyEvent>;

/**
 * Names the events of a kind of policy, once per package.
 *
 * @example
 * ```ts
 * const topics = defineTopics('retry', ['retried', 'gave-up']);
 * topics['gave-up'].channel.name; // 'holdfast:retry:gave-up'
 * ```
 */
export function defineTopics<const Name extends string>(
  kind: string,
  names: readonly Name[],
): Readonly<Record<Name, Topic>> {
  const topics = names.map((event) => [
    event,
    { kind, event, channel: channel(`holdfast:${kind}:${event}`) },
  ]);
  return Object.fromEntries(topics) as Record<Name, Topic>;
}

const listenerErrors = channel('holdfast:listener:error');

function report(error: unknown, event: PolicyEvent): void {
  listenerErrors.publish({ error, event });
  const detail = error instanceof Error ? error.stack : undefined;
  process.emitWarning(`A listener of "${event.event}" (${event.policy}) threw: ${String(error)}`, {
    type: 'HoldfastWarning',
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Runs a callback of the user's that must not change an outcome: what it throws is reported. */
export function runGuarded(callback: () => unknown, event: PolicyEvent): void {
  try {
    const result = callback();
    if (result instanceof Promise) result.catch((error: unknown) => report(error, event));
  } catch (error) {
    report(error, event);
  }
}

/** The listeners of one policy. Made when the first one subscribes. */
export class Listeners {
  /** How many there are. */
  size = 0;
  private readonly emitter: EventEmitter<Record<string, [PolicyEvent]>> = new EventEmitter();

  /** Adds a listener; returns the function that takes it away. */
  add(event: string, listener: EventListener): Unsubscribe {
    if (typeof listener !== 'function') {
      throw new TypeError(`Expected the listener of "${event}" to be a function.`);
    }
    // Each subscription has a listener of its own, so that ending one does not end its twin.
    const own = (payload: PolicyEvent): unknown => listener(payload as never);
    this.emitter.on(event, own);
    this.size++;
    let isSubscribed = true;
    return () => {
      if (!isSubscribed) return;
      isSubscribed = false;
      this.size--;
      this.emitter.off(event, own);
    };
  }

  /** Calls the listeners of the event, each guarded: eventemitter3 alone stops at the first throw. */
  tell(event: PolicyEvent): void {
    for (const listener of this.emitter.listeners(event.event)) {
      runGuarded(() => listener(event), event);
    }
  }
}
