import { chaos, fault, isChaosInProductionError } from '@holdfast/chaos';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
});

const options = { inject: fault('boom'), when: () => true };

describe('in production', () => {
  test('chaos does not start', () => {
    vi.stubEnv('NODE_ENV', 'production');
    const start = vi.fn();
    let error: unknown;
    try {
      chaos({ ...options, when: { kind: 'mine', start }, name: 'trouble' });
    } catch (thrown) {
      error = thrown;
    }
    expect(isChaosInProductionError(error) && error).toMatchObject({
      name: 'ChaosInProductionError',
      code: 'CHAOS_IN_PRODUCTION',
      policy: 'trouble',
    });
    expect(String(error)).toContain('allowProduction: true');
    expect(start).not.toHaveBeenCalled();
    expect(() => chaos({ ...options, allowProduction: false })).toThrow('"chaos"');
  });

  test('chaos starts when it is told to', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const policy = chaos({ ...options, allowProduction: true });
    expect((await policy.outcome(() => 1)).ok).toBe(false);
  });

  test.each(['test', 'development', '', undefined])('is not NODE_ENV=%s', (value) => {
    vi.stubEnv('NODE_ENV', value);
    chaos(options);
  });

  test('a policy is asked only when it is made', async () => {
    const policy = chaos(options);
    vi.stubEnv('NODE_ENV', 'production');
    expect((await policy.outcome(() => 1)).ok).toBe(false);
  });
});
