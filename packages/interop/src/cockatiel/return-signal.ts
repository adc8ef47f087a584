let ended: DOMException | undefined;

/** Why a signal is aborted whose call has ended: made once, as that costs more than the call. */
function endOfCall(): DOMException {
  ended ??= new DOMException('This operation was aborted', 'AbortError');
  return ended;
}

/** A signal that follows another one, and is aborted when the call has ended. */
export class ReturnSignal {
  private readonly controller = new AbortController();
  private followed: AbortSignal | undefined;

  /** From now on it is aborted with `signal`. */
  follow(signal: AbortSignal): AbortSignal {
    this.followed = signal;
    if (signal.aborted) this.controller.abort(signal.reason);
    else signal.addEventListener('abort', this.abort, { once: true });
    return this.controller.signal;
  }

  private readonly abort = (): void => {
    this.controller.abort(this.followed?.reason);
  };

  /** The call has ended. */
  end(): void {
    this.controller.abort(endOfCall());
  }
}
