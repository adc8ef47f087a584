/**
 * The abort controller of a breaker. One that renews itself does so as soon as calls are let in with an
 * aborted signal: a timeout while the circuit stays closed must not abort all calls that come later.
 */
export class AbortControl {
  controller: AbortController | undefined;
  private readonly renews: boolean;
  private readonly circuit: { readonly isOpen: boolean };

  constructor(
    controller: AbortController | undefined,
    renews: boolean,
    circuit: { readonly isOpen: boolean },
  ) {
    this.controller = controller ?? (renews ? new AbortController() : undefined);
    this.renews = renews;
    this.circuit = circuit;
  }

  /** A call has timed out. */
  abort(): void {
    this.controller?.abort();
    this.renew();
  }

  /** The circuit may let calls in. */
  renew(): void {
    if (!this.renews || this.circuit.isOpen || this.controller?.signal.aborted !== true) return;
    this.controller = new AbortController();
  }
}
