import type { EventEmitter } from 'node:events';
import { runGuarded } from '@holdfast/policy';

/** What is emitted. */
export interface Emission {
  /** Who emits it, for the warning about a bad listener. */
  readonly policy: string;
  readonly event: string;
  readonly args: readonly unknown[];
}

/**
 * Calls the listeners of an event one by one. What one of them throws, or rejects with, is reported as
 * a process warning, and changes nothing for the others or for who emits.
 */
export function emitGuarded(emitter: EventEmitter, { policy, event, args }: Emission): boolean {
  const listeners = emitter.rawListeners(event);
  for (const listener of listeners) {
    runGuarded(() => Reflect.apply(listener, emitter, args) as unknown, {
      kind: 'opossum',
      event,
      policy,
    });
  }
  return listeners.length > 0;
}
