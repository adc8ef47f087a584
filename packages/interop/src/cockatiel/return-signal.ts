let ended: DOMException | undefined;

/** Why a signal is aborted whose call has ended: made once, as that costs more than the call. */
function endOfCall(): DOMException {
  ended ??= new DOMException('This operation was aborted', 'AbortError');
  return ended;
}

/** A signal that follows another one, and is aborted when the call has ended. */
export class ReturnSignal {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The signal that it follows has been aborted. */
  abort(reason: unknown): void {
    this.controller.abort(reason);
  }

  /** The call has ended. */
  end(): void {
    this.controller.abort(endOfCall());
  }
}
