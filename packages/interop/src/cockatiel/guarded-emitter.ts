import { runGuarded } from '@holdfast/policy';
import { EventEmitter } from './event.ts';

/** The source of a policy's event: what its listeners throw is reported, and changes no outcome. */
export class GuardedEmitter<T> extends EventEmitter<T> {
  private readonly event: string;

  constructor(event: string) {
    super();
    this.event = event;
  }

  override emit(value: T): void {
    for (const { listener } of this.subscriptions) {
      runGuarded(() => listener(value), {
        kind: 'cockatiel',
        event: this.event,
        policy: 'cockatiel',
      });
    }
  }
}
