import { compose, held, LayeredPolicy, pass } from '@holdfast/policy';
import type { EnterVerdict, ExitVerdict, Run } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';

/** Calls the user's code at a failure, which aborts the caller's signal, and then holds the call. */
class AbortsAndHolds extends LayeredPolicy {
  readonly kind: string = 'test';
  readonly unpark: () => void = vi.fn();
  private readonly abort: () => void;

  constructor(abort: () => void) {
    super('aborts and holds');
    this.abort = abort;
  }

  enter(): EnterVerdict {
    return 0;
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(_run: Run): ExitVerdict {
    this.abort();
    return held;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

test.each(['watches', 'does not watch'])(
  'a call that is held by the hook that aborted its caller is given up, where the plan %s',
  async (plan) => {
    const controller = new AbortController();
    const holds = new AbortsAndHolds(() => controller.abort('enough'));
    const policy = plan === 'watches' ? compose(timeout({ clock: virtualClock() }), holds) : holds;
    const settled = vi.fn();
    void policy
      .outcome(() => Promise.reject(new Error('failed')), { signal: controller.signal })
      .then(settled);
    await virtualClock().flush();

    expect(settled).toHaveBeenCalledWith({ ok: false, error: 'enough' });
    expect(holds.unpark).toHaveBeenCalledOnce();
  },
);
