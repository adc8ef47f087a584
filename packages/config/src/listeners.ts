import { type EventListener, runGuarded, type Topic, type Unsubscribe } from '@holdfast/policy';

/** Who hears of the events of a configuration. */
export class ConfigListeners {
  private readonly name: string;
  private readonly heard = new Map<string, Set<EventListener>>();

  constructor(name: string) {
    this.name = name;
  }

  add(event: string, listener: EventListener): Unsubscribe {
    if (typeof listener !== 'function') {
      throw new TypeError(`Expected the listener of "${event}" to be a function.`);
    }
    const own: EventListener = (payload) => listener(payload);
    const listeners = this.heard.get(event) ?? new Set();
    this.heard.set(event, listeners.add(own));
    return () => void listeners.delete(own);
  }

  tell({ kind, event, channel }: Topic, details: object): void {
    const payload = { kind, event, policy: this.name, ...details };
    for (const listener of this.heard.get(event) ?? []) {
      runGuarded(() => listener(payload as never), payload);
    }
    if (channel.hasSubscribers) channel.publish(payload);
  }
}
