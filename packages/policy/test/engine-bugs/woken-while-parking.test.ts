import { LayeredPolicy, parked, pass, type Run } from '@holdfast/policy';
import { expect, test } from 'vitest';

/** Parks a call although something has made room for it meanwhile. */
class Hasty extends LayeredPolicy {
  readonly kind = 'hasty';

  enter(run: Run): 1 {
    run.resume();
    return parked;
  }

  success(): 0 {
    return pass;
  }

  failure(): 0 {
    return pass;
  }

  protected described(): Record<string, unknown> {
    return {};
  }
}

test('a layer may let a call go on from inside the very hook that parks it', async () => {
  expect(await new Hasty('hasty').execute(() => 'went on')).toBe('went on');
});
