import {
  type ConfigListener,
  type ConfigReading,
  type ConfigSource,
  isConfigInvalidError,
  isConfigSourceError,
  policiesFrom,
} from '@holdfast/config';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';

const retries = (maxAttempts: number): { policies: { p: unknown[] } } => ({
  policies: { p: [{ type: 'retry', maxAttempts }] },
});

/** A source that does what the test says. */
class ManualSource implements ConfigSource {
  readonly name = 'the manual source';
  readonly reading = Promise.withResolvers<ConfigReading>();
  signal: AbortSignal | undefined;
  listener: ConfigListener | undefined;
  closed = 0;

  read({ signal }: { readonly signal: AbortSignal }): Promise<ConfigReading> {
    this.signal = signal;
    return this.reading.promise;
  }

  watch(listener: ConfigListener): { close(): void } {
    this.listener = listener;
    return { close: () => void this.closed++ };
  }

  tell(data: unknown, version?: string): void {
    this.listener?.changed({ data, version });
  }
}

let clock: VirtualClock;
let source: ManualSource;
beforeEach(() => {
  clock = virtualClock();
  source = new ManualSource();
});

async function loaded(data: unknown = retries(1)) {
  source.reading.resolve({ data, version: 'v1' });
  const policies = await policiesFrom(source, { clock });
  const events: string[] = [];
  policies.on('changed', (event) => events.push(`changed by ${event.source} to ${event.version}`));
  policies.on('refused', ({ error, version }) => events.push(`${version}: ${error.message}`));
  policies.on('source-failed', ({ error }) => events.push(`failed: ${(error as Error).message}`));
  policies.on('source-recovered', ({ source: name }) => events.push(`${name} recovered`));
  const attempts = (): unknown =>
    policies.get('p').current.describe().layers[0]?.options['maxAttempts'];
  return { policies, events, attempts };
}

describe('the first reading', () => {
  test('makes the pipelines', async () => {
    const { attempts } = await loaded();
    expect(attempts()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('that fails rejects, and says why', async () => {
    source.reading.reject(new Error('no such file'));
    const error: unknown = await policiesFrom(source, { clock }).catch((reason: unknown) => reason);
    expect(isConfigSourceError(error) && error).toMatchObject({
      code: 'CONFIG_SOURCE_FAILED',
      source: 'the manual source',
      message: 'the configuration could not be read from the manual source: no such file',
      cause: new Error('no such file'),
    });
    expect([source.listener, clock.pending]).toEqual([undefined, 0]);
  });

  test('that is invalid rejects with all problems, and names the source', async () => {
    source.reading.resolve({ data: { policies: { p: [{ type: 'retry', maxAttempts: 0 }] } } });
    const error: unknown = await policiesFrom(source, { clock }).catch((reason: unknown) => reason);
    expect(isConfigInvalidError(error) && error.message).toMatch(
      /^the configuration of the manual source is invalid: policies\.p\[0\]\.maxAttempts: /,
    );
    expect(source.listener).toBeUndefined();
  });

  test('that takes too long rejects, though the source pays no heed to its signal', async () => {
    const call = policiesFrom(source, { clock, loadTimeoutMs: 50 }).catch(
      (reason: unknown) => reason,
    );
    await clock.advance(50);
    expect(await call).toMatchObject({
      code: 'CONFIG_SOURCE_FAILED',
      cause: { code: 'TIMEOUT', timeoutMs: 50 },
    });
    expect(source.signal?.aborted).toBe(true);
  });
});

describe('from then on', () => {
  test('changes are applied in order, and the same content is none', async () => {
    const { events, attempts } = await loaded();
    source.tell(retries(1), 'v1');
    source.tell(retries(2), 'v2');
    source.tell(retries(2), 'v3');
    source.tell(retries(3), 'v4');
    expect(attempts()).toBe(3);
    expect(events).toEqual([
      'changed by the manual source to v2',
      'changed by the manual source to v4',
    ]);
  });

  test('what is invalid is refused once, and the last good one goes on', async () => {
    const { events, attempts } = await loaded();
    source.tell(retries(0), 'v2');
    source.tell(retries(0), 'v2');
    expect(attempts()).toBe(1);
    expect(events).toEqual([
      'v2: the configuration of the manual source is invalid: policies.p[0].maxAttempts: must be an integer from 1 up; got 0',
    ]);
    source.tell(retries(4), 'v3');
    expect(attempts()).toBe(4);
  });

  test('a source that fails changes nothing, and says when it is well again', async () => {
    const { events, attempts } = await loaded();
    source.listener?.failed(new Error('gone'));
    source.listener?.failed(new Error('still gone'));
    expect(attempts()).toBe(1);
    source.tell(retries(1));
    expect(events).toEqual(['failed: gone', 'failed: still gone', 'the manual source recovered']);
  });

  test('what is applied by hand stays until the source has something else', async () => {
    const { policies, attempts } = await loaded();
    policies.apply(retries(7));
    source.tell(retries(1));
    expect(attempts()).toBe(7);
    source.tell(retries(2));
    expect(attempts()).toBe(2);
  });

  test('until it is closed', async () => {
    const { policies, events, attempts } = await loaded();
    policies.close();
    policies.close();
    source.tell(retries(5));
    source.listener?.failed(new Error('gone'));
    expect([source.closed, events, attempts()]).toEqual([1, [], 1]);
    await expect(policies.get('p').execute(() => 'still works')).resolves.toBe('still works');
  });

  test('a source that cannot be watched never changes', async () => {
    const fixed: ConfigSource = { name: 'fixed', read: async () => ({ data: retries(1) }) };
    const policies = await policiesFrom(fixed);
    expect(policies.names).toEqual(['p']);
    policies[Symbol.dispose]();
  });
});

test('a listener that throws harms nobody', async () => {
  const { policies, attempts } = await loaded();
  const warnings: string[] = [];
  const hear = (warning: Error): number => warnings.push(warning.message);
  process.on('warning', hear);
  policies.on('changed', () => {
    throw new Error('oops');
  });
  source.tell(retries(2));
  await new Promise(setImmediate);
  process.off('warning', hear);
  expect(attempts()).toBe(2);
  expect(warnings).toEqual(['A listener of "changed" (config) threw: Error: oops']);
  expect(() => policies.on('changed', 5 as never)).toThrow(TypeError);
});

describe('a source of anybody', () => {
  const deep = (): unknown => JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  const trap = {
    get policies(): never {
      throw new Error('gone');
    },
  };

  test('is never thrown at, whatever it tells', async () => {
    const { events, attempts } = await loaded();
    for (const data of [deep(), deep(), trap, trap, undefined, undefined, () => 1]) {
      source.tell(data, 'v2');
    }
    // The same once more is not refused once more.
    expect(events).toEqual([
      expect.stringContaining('must not be so deep'),
      expect.stringContaining('reading it failed: gone'),
      expect.stringContaining('must be an object; got undefined'),
      expect.stringContaining('must be plain data; got a function'),
    ]);
    expect(attempts()).toBe(1);
  });

  test('that tells no reading has failed', async () => {
    const { events } = await loaded();
    source.listener?.changed(undefined as never);
    source.tell(retries(1));
    expect(events).toEqual([
      'failed: Expected a reading of the source to be an object, got undefined.',
      'the manual source recovered',
    ]);
  });

  test('may tell the same object again, with other content', async () => {
    const data = retries(1);
    const { attempts } = await loaded(data);
    data.policies.p = retries(4).policies.p;
    source.tell(data);
    expect(attempts()).toBe(4);
  });

  test('that reads nothing is named', async () => {
    const nothing = { name: 'nothing', read: () => Promise.resolve(undefined) };
    await expect(policiesFrom(nothing as never)).rejects.toThrow(
      'the configuration could not be read from nothing: Expected a reading of the source to be an object, got undefined.',
    );
  });

  test('that cannot be watched is named', async () => {
    source.watch = () => {
      throw new Error('too many watches');
    };
    const error: unknown = await loaded().catch((reason: unknown) => reason);
    expect(isConfigSourceError(error)).toBe(true);
    expect((error as Error).message).toBe(
      'the configuration could not be read from the manual source: too many watches',
    );
  });

  test('is not followed any more by what it has told before the close, during a change', async () => {
    const { policies, events, attempts } = await loaded();
    policies.on('changed', () => {
      source.tell(retries(7));
      policies.close();
    });
    source.tell(retries(3), 'v3');
    expect(events).toEqual(['changed by the manual source to v3']);
    expect(attempts()).toBe(3);
  });
});
