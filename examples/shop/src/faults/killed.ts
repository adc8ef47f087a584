import type { Dependency } from '../services/contract.ts';
import type { Sickness } from './sickness.ts';

/** The process of the service is killed (SIGKILL), and started again on its port to cure it. */
export function killed(service: Dependency): Sickness {
  return {
    strike: (side) => side.service(service).kill(),
    cure: (side) => side.service(service).start(),
  };
}
