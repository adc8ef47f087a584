import type { Side } from '../processes/side.ts';

/** Something that goes wrong on a side, for real, and is put right again. */
export interface Sickness {
  strike(side: Side): Promise<void>;
  cure(side: Side): Promise<void>;
}

/** Nothing goes wrong. */
export const nothing: Sickness = {
  strike: () => Promise.resolve(),
  cure: () => Promise.resolve(),
};
