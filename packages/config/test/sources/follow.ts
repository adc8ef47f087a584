import type { ConfigReadError, ConfigReading, ConfigSource } from '@holdfast/config';
import { expect, onTestFinished } from 'vitest';

/** What a watch tells, and ways to wait for it, with a deadline. */
export interface Followed {
  readonly told: (ConfigReading | ConfigReadError)[];
  readonly close: () => void;
  readonly tells: (data: unknown) => Promise<void>;
  readonly fails: (reason: ConfigReadError['reason']) => Promise<void>;
}

/** Watches a source until the test ends. */
export function follow(source: ConfigSource, patienceMs = 10_000): Followed {
  const told: Followed['told'] = [];
  const watch = source.watch?.({
    changed: (reading) => void told.push(reading),
    failed: (error) => void told.push(error as ConfigReadError),
  });
  if (watch === undefined) throw new Error(`${source.name} cannot be watched`);
  onTestFinished(() => watch.close());
  const last = async (expected: object): Promise<void> => {
    await expect
      .poll(() => told.at(-1), { timeout: patienceMs, interval: 2 })
      .toMatchObject(expected);
  };
  return {
    told,
    close: () => watch.close(),
    tells: async (data: unknown) => last({ data }),
    fails: async (reason: ConfigReadError['reason']) => last({ reason }),
  };
}
