import { type Clock, Refusal, withoutStack } from '@holdfast/policy';
import { CircuitIsolatedError, CircuitOpenError } from './errors.ts';
import type { Circuit } from './state.ts';

/** How many milliseconds after `now` an open circuit lets a probe in; nobody can tell of another. */
export function retryAfter(circuit: Circuit, now: number): number | undefined {
  return circuit.state === 'open' ? Math.max(0, circuit.until - now) : undefined;
}

/** The error for a call that a circuit, as it stood at `now`, did not let in. */
export function rejectionOf(policy: string, circuit: Circuit, now: number): CircuitOpenError {
  const { failure } = circuit;
  // A listener of the rejection may have closed the circuit by now: it was open all the same.
  const state = circuit.state === 'closed' ? 'open' : circuit.state;
  const cause = failure === undefined || failure.ok ? failure?.value : failure.error;
  const options = { policy, retryAfterMs: retryAfter(circuit, now), state, cause };
  const message = `the circuit of "${policy}" is ${state}`;
  return withoutStack(() =>
    state === 'isolated'
      ? new CircuitIsolatedError(message, options)
      : new CircuitOpenError(message, options),
  );
}

/** Whose circuit refuses. */
interface Refuser {
  readonly name: string;
  readonly clock: Clock;
}

/** The outcome of a call that a circuit refused outright; its error tells the time as it is read. */
export class CircuitRefusal extends Refusal {
  declare readonly ok: false;
  declare private readonly refuser: Refuser;
  declare private readonly circuit: Circuit;

  constructor(refuser: Refuser, circuit: Circuit) {
    super();
    this.ok = false;
    this.refuser = refuser;
    this.circuit = circuit;
  }

  protected makeError(): Error {
    const { name, clock } = this.refuser;
    return rejectionOf(name, this.circuit, clock.now());
  }
}
