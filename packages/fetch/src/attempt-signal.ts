/**
 * The signal for one attempt: never the caller's own, on which fetch may leave a listener for each
 * call that has ended long ago.
 */
export class AttemptSignal {
  readonly signal: AbortSignal;
  private readonly callers: AbortSignal | undefined;
  private readonly controller: AbortController | undefined;

  /** Links to `given` if that is the caller's own, and hands it on if a policy made it. */
  constructor(given: AbortSignal, callers: AbortSignal | undefined) {
    if (given !== callers) {
      this.signal = given;
      return;
    }
    this.callers = callers;
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    if (callers.aborted) this.handleEvent();
    else callers.addEventListener('abort', this);
  }

  /** The caller's signal was aborted. */
  handleEvent(): void {
    this.controller?.abort(this.callers?.reason);
  }

  /** Takes the listener off the caller's signal. */
  detach(): void {
    this.callers?.removeEventListener('abort', this);
  }
}
