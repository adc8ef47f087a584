import type { Dependency, Fault } from '../services/contract.ts';
import type { Sickness } from './sickness.ts';

/** A fault that the service itself is told to have. */
export function switched(service: Dependency, fault: Fault): Sickness {
  return {
    strike: (side) => side.setFault(service, fault),
    cure: (side) => side.setFault(service, { kind: 'none' }),
  };
}
