import type { SignalHub, SignalWatcher } from './caller-signal.ts';

/** The value of `abortReason` while the operation's signal is not aborted. */
export const notAborted: unique symbol = Symbol('not aborted');

/** Who wants to hear that the caller has given up. */
export interface AbortHearer {
  callerAborted(signal: AbortSignal): void;
}

/**
 * What a record needs where signals matter: its place among those who watch the caller's, and the one
 * of its operation. Most calls need neither, so it is made when it is first needed.
 */
export class RunSignals implements SignalWatcher {
  previous: SignalWatcher | SignalHub | null = null;
  next: SignalWatcher | SignalHub | null = null;
  controller: AbortController | undefined = undefined;
  abortReason: unknown = notAborted;
  private readonly hearer: AbortHearer;

  constructor(hearer: AbortHearer) {
    this.hearer = hearer;
  }

  callerAborted(signal: AbortSignal): void {
    this.hearer.callerAborted(signal);
  }
}
