import type { ProcessName, Side } from '../processes/side.ts';
import type { Fault } from '../services/contract.ts';
import type { Sickness } from './sickness.ts';

/** A fault that the processes themselves are told to have. */
export function switched(names: readonly ProcessName[], fault: Fault): Sickness {
  const tell = async (side: Side, told: Fault): Promise<void> => {
    await Promise.all(names.map((name) => side.setFault(name, told)));
  };
  return {
    strike: (side) => tell(side, fault),
    cure: (side) => tell(side, { kind: 'none' }),
  };
}
