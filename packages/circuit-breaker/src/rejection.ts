import { Refusal, withoutStack } from '@holdfast/policy';
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

/** The outcome of a call that a circuit refused outright. */
export class CircuitRefusal extends Refusal {
  declare private readonly policy: string;
  declare private readonly circuit: Circuit;
  declare private readonly now: number;

  constructor(policy: string, circuit: Circuit, now: number) {
    super();
    this.policy = policy;
    this.circuit = circuit;
    this.now = now;
  }

  protected makeError(): Error {
    return rejectionOf(this.policy, this.circuit, this.now);
  }
}
