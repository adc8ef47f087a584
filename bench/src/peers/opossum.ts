import CircuitBreaker from 'opossum';
import type { Call, Work } from '../batch.ts';

type Options = CircuitBreaker.Options;

/** The call of a breaker around whatever it is given. */
export function opossum(options: Options): Call {
  const breaker = new CircuitBreaker(async (operation: Work) => operation(), options);
  return (operation) => breaker.fire(operation);
}
