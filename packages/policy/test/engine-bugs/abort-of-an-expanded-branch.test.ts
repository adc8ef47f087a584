import { compose, definePolicy, keyed } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

test('a caller who aborts is answered at once by a keyed timeout inside of a branch', async () => {
  const clock = virtualClock();
  const policy = compose(
    timeout({ afterMs: 1e6, mode: 'cooperative', clock }),
    definePolicy('as it is', (next) => next()),
    keyed(() => timeout({ afterMs: 1e6, clock }), { key: () => 'x', clock }),
  );
  const caller = new AbortController();
  let outcome: unknown = 'pending';
  const hangs = (): Promise<never> => new Promise(() => undefined);
  void policy.outcome(hangs, { signal: caller.signal }).then((it) => (outcome = it));

  await clock.advance(5);
  caller.abort('enough');
  await clock.flush();

  expect(outcome).toEqual({ ok: false, error: 'enough' });
});
