import { expect, test } from 'vitest';
import { SharedWork } from '../../src/sources/shared-work.ts';

interface Run {
  readonly signal: AbortSignal;
  readonly resolve: (value: number) => void;
}

/** Work whose runs end when the test says so, or are aborted. */
function setUp() {
  const runs: Run[] = [];
  const work = new SharedWork<number>((signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    runs.push({ signal, resolve });
    return promise;
  });
  return { runs, work, turn: () => new Promise((resolve) => setImmediate(resolve)) };
}

const { signal } = new AbortController();

test('whoever asks while it runs gets the run after, together', async () => {
  const { runs, work, turn } = setUp();
  const first = work.run(signal);
  await turn();
  const others = [work.run(signal), work.run(signal)];
  await turn();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve(1);
  expect(await first).toBe(1);
  await turn();
  runs[1]?.resolve(2);
  expect(await Promise.all(others)).toEqual([2, 2]);
  expect(runs).toHaveLength(2);
});

test('a run that was given up before it began is not the one that others get', async () => {
  const { runs, work, turn } = setUp();
  const first = work.run(signal);
  await turn();
  const caller = new AbortController();
  const given = work.run(caller.signal).catch((reason: unknown) => reason);
  await turn();
  caller.abort('stop');
  expect(await given).toBe('stop');
  const other = work.run(signal);
  runs[0]?.resolve(1);
  await first;
  await turn();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve(2);
  expect(await other).toBe(2);
});

test('a run goes on for as long as somebody waits, and the next one begins after it', async () => {
  const { runs, work, turn } = setUp();
  const callers = [new AbortController(), new AbortController()];
  const given = callers.map(async (each) =>
    work.run(each.signal).catch((reason: unknown) => reason),
  );
  await turn();
  callers[0]?.abort('one');
  await turn();
  expect(runs[0]?.signal.aborted).toBe(false);
  callers[1]?.abort('two');
  expect(runs[0]?.signal.aborted).toBe(true);
  expect(await Promise.all(given)).toEqual(['one', 'two']);
  const next = work.run(signal);
  await turn();
  runs[1]?.resolve(2);
  expect(await next).toBe(2);
});

test('a run that fails is that of its callers only', async () => {
  let runs = 0;
  const work = new SharedWork<number>(async () => {
    runs += 1;
    if (runs === 1) throw new Error('first');
    return runs;
  });
  await expect(work.run(signal)).rejects.toThrow('first');
  expect(await work.run(signal)).toBe(2);
});
