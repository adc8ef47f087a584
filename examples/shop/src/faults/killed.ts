import type { ProcessName } from '../processes/side.ts';
import type { Sickness } from './sickness.ts';

/** The process is killed (SIGKILL), and started again on its port to cure it. */
export function killed(name: ProcessName): Sickness {
  return {
    strike: (side) => side.process(name).kill(),
    cure: (side) => side.process(name).start(),
  };
}
