import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { afterRealMs, realTimeMs } from '../real-time.ts';
import type { ConfigSourceSubject, SourceReading } from './config-source-subject.ts';
import { isPending } from './probe.ts';

const tickMs = 5;

/** What a watch has told, in order. */
interface Told {
  readonly readings: SourceReading[];
  readonly errors: unknown[];
}

/** A watch of the source under test, and means to wait for what it tells. */
export interface WatchedSource {
  readonly told: Told;
  readonly close: () => void;
  /** Waits until the last thing that was told is this data. */
  readonly tells: (data: unknown) => Promise<void>;
  /** Waits until a failure has been told. */
  readonly tellsFailure: () => Promise<void>;
}

/**
 * Watches the source. What it tells before `watch` has returned, or after `close`, is written down as
 * a mistake.
 */
export function watchSource(
  { source, tick }: ConfigSourceSubject,
  { patienceMs, mistakes }: WatchTools,
): WatchedSource {
  assert.ok(source.watch !== undefined, 'the source has no watch');
  const told: Told = { readings: [], errors: [] };
  let state: 'opening' | 'open' | 'closed' = 'opening';
  const note = (): void => {
    if (state === 'opening') mistakes.push('a watch told something before it was there');
    if (state === 'closed') mistakes.push('a watch told something after its end');
  };
  const watch = source.watch({
    changed(reading) {
      note();
      told.readings.push(reading);
    },
    failed(error) {
      note();
      told.errors.push(error);
    },
  });
  state = 'open';
  return {
    told,
    close() {
      watch.close();
      state = 'closed';
    },
    async tells(data) {
      const what = `expected to tell ${JSON.stringify(data)}`;
      const isThere = (): boolean => isDeepStrictEqual(told.readings.at(-1)?.data, data);
      await eventually({ what, isThere, patienceMs, told, tick });
    },
    async tellsFailure() {
      const isThere = (): boolean => told.errors.length > 0;
      await eventually({ what: 'expected to tell a failure', isThere, patienceMs, told, tick });
    },
  };
}

/** How a watch is followed. */
export interface WatchTools {
  readonly patienceMs: number;
  /** Where mistakes are written down. */
  readonly mistakes: string[];
}

interface Waiting {
  readonly what: string;
  readonly isThere: () => boolean;
  readonly patienceMs: number;
  readonly told: Told;
  readonly tick: ConfigSourceSubject['tick'];
}

async function eventually({ what, isThere, patienceMs, told, tick }: Waiting): Promise<void> {
  const end = realTimeMs() + patienceMs;
  while (!isThere()) {
    if (realTimeMs() > end) {
      const last = JSON.stringify(told.readings.at(-1)?.data);
      const count = `${told.readings.length} readings and ${told.errors.length} failures`;
      assert.fail(`the watch was ${what} within ${patienceMs} ms; it told ${count}, last ${last}`);
    }
    await tick?.();
    await soon(tickMs);
  }
}

/** Moves time on until a promise has settled, which it then returns. */
export async function driven<T>(
  promise: Promise<T>,
  tick: ConfigSourceSubject['tick'],
): Promise<T> {
  if (tick === undefined) return promise;
  while (await isPending(promise)) {
    await tick();
    await soon(tickMs);
  }
  return promise;
}

/** A moment of real time, for what the system tells. */
export function soon(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    afterRealMs(delayMs, resolve);
  });
}
