import {
  type ConfigFetch,
  type ConfigReading,
  springConfigSource,
  type SpringConfigSourceOptions,
} from '@holdfast/config';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

const signal = new AbortController().signal;

function answer(n: number, version: string | null = null, headers: Record<string, string> = {}) {
  const propertySources = [{ name: 'orders.yml', source: { 'holdfast.n': n } }];
  return Response.json({ name: 'orders', version, propertySources }, { headers });
}

interface Call {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Readonly<Record<string, string>>;
}

/** A source before a server that the test plays, on a virtual clock. */
function setUp(
  respond: (call: Call) => Response | Promise<Response>,
  options: Partial<SpringConfigSourceOptions> = {},
) {
  const clock: VirtualClock = virtualClock();
  const calls: Call[] = [];
  let active = 0;
  let most = 0;
  const fetch: ConfigFetch = async (url, init) => {
    const call = { url, init, headers: init.headers as Record<string, string> };
    calls.push(call);
    active += 1;
    most = Math.max(most, active);
    try {
      return await respond(call);
    } finally {
      active -= 1;
    }
  };
  const source = springConfigSource({
    url: 'http://config.test:8888/',
    application: 'orders',
    clock,
    fetch,
    random: () => 0.5,
    ...options,
  });
  const told: (ConfigReading | Error)[] = [];
  const watch = () =>
    source.watch?.({
      changed: (reading) => void told.push(reading),
      failed: (error) => void told.push(error as Error),
    });
  return { clock, calls, source, told, watch, mostAtOnce: () => most };
}

/** Never answers; rejects on an abort, as `fetch` does. */
function silence({ init }: Call): Promise<Response> {
  return new Promise((_resolve, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
  });
}

describe('a request', () => {
  test('asks for the application, the profiles and the label', async () => {
    const { source, calls } = setUp(() => answer(1), {
      url: 'https://config.test/base//',
      application: 'my orders',
      profiles: ['eu', 'prod'],
      label: 'feature/x y',
    });
    await source.read({ signal });
    expect(calls[0]?.url).toBe('https://config.test/base/my%20orders/eu,prod/feature(_)x%20y');
    expect(calls[0]?.init.redirect).toBe('manual');
    expect(source.name).toBe(`spring cloud config ${calls[0]?.url}`);
  });

  test('says who asks, and never in a name or an error', async () => {
    const { source, calls } = setUp(() => new Response('', { status: 401 }), {
      url: 'http://ad%40min:pass:w@config.test',
      token: 'vault-token',
      headers: async () => ({ 'x-own': 'own' }),
    });
    const error = await source.read({ signal }).catch(String);
    expect(calls[0]?.headers).toEqual({
      accept: 'application/json',
      authorization: `Basic ${Buffer.from('ad@min:pass:w').toString('base64')}`,
      'x-config-token': 'vault-token',
      'x-own': 'own',
    });
    expect(calls[0]?.url).toBe('http://config.test/orders/default');
    for (const secret of ['pass:w', 'vault-token']) {
      expect(source.name).not.toContain(secret);
      expect(error).not.toContain(secret);
    }
    expect(error).toContain('http://config.test/orders/default answered 401');
  });

  test('asks for the headers anew each time', async () => {
    let token = 0;
    const { source, calls } = setUp(() => answer(1), {
      headers: () => ({ authorization: `Bearer ${++token}` }),
      auth: { username: 'u', password: 'p' },
    });
    await source.read({ signal });
    await source.read({ signal });
    expect(calls.map(({ headers }) => headers['authorization'])).toEqual(['Bearer 1', 'Bearer 2']);
  });

  test('is given up when its time is over, whether `fetch` listens or not', async () => {
    for (const respond of [silence, () => new Promise<Response>(() => {})]) {
      const { source, clock, calls } = setUp(respond, { timeoutMs: 700 });
      const reading = source.read({ signal }).catch((error: unknown) => error);
      await clock.advance(699);
      expect(calls[0]?.init.signal?.aborted).toBe(false);
      await clock.advance(1);
      expect(await reading).toMatchObject({
        reason: 'timeout',
        message: 'http://config.test:8888/orders/default did not answer within 700 ms',
      });
      expect(calls[0]?.init.signal?.aborted).toBe(true);
      expect(clock.pending).toBe(0);
    }
  });

  test('is given up in the middle of its body, too', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
    });
    const { source, clock } = setUp(() => new Response(body));
    const reading = source.read({ signal }).catch((error: unknown) => error);
    await clock.advance(5_000);
    expect(await reading).toMatchObject({ reason: 'timeout' });
  });

  test('is given up when nobody waits for it any more', async () => {
    const { source, clock, calls } = setUp(silence);
    const [one, other] = [new AbortController(), new AbortController()];
    const readings = [source.read(one), source.read(other)].map(async (each) =>
      each.catch((error: unknown) => error),
    );
    await clock.flush();
    one.abort('one');
    expect(await readings[0]).toBe('one');
    other.abort('other');
    expect(await readings[1]).toBe('other');
    await clock.flush();
    expect(calls.map(({ init }) => init.signal?.aborted)).toEqual([true]);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, () => Response, object]>([
    [
      'a status',
      () => new Response('', { status: 500 }),
      { reason: 'unexpected', message: /answered 500$/u },
    ],
    [
      'a redirect',
      () => new Response('', { status: 302 }),
      { message: /302; redirects are not followed/u },
    ],
    ['HTML', () => new Response('<html>'), { message: /answered 200, but not as/u }],
    ['other JSON', () => Response.json({ propertySources: [{}] }), { reason: 'unexpected' }],
    [
      'nothing below the prefix',
      () => Response.json({ propertySources: [] }),
      { reason: 'missing' },
    ],
    [
      'properties that do not fit',
      () => Response.json({ propertySources: [{ name: 'a.yml', source: { 'holdfast.a[5]': 1 } }] }),
      { reason: 'malformed', message: /holdfast\.a\[5\] .* \(in a\.yml\)/u },
    ],
    [
      'too much',
      () => new Response('x'.repeat(1_001)),
      { reason: 'too-large', message: /1000 bytes/u },
    ],
    [
      'no connection',
      () => {
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
      },
      { reason: 'unreachable', message: /cannot be reached: connect ECONNREFUSED/u },
    ],
  ])(
    'that is answered by %s fails',
    async (_what, respond, { message, ...expected }: { message?: RegExp }) => {
      const { source } = setUp(respond, { maxBytes: 1_000 });
      const error = await source.read({ signal }).catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject({ code: 'CONFIG_READ_FAILED', source: source.name, ...expected });
      if (message !== undefined) expect((error as Error).message).toMatch(message);
    },
  );

  test('takes in no more of an endless answer than it may', async () => {
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        chunks += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
    const { source } = setUp(() => new Response(body), { maxBytes: 10_000 });
    await expect(source.read({ signal })).rejects.toMatchObject({ reason: 'too-large' });
    expect(chunks).toBeLessThan(15);
  });

  test('is never made twice at a time, and reads that wait share one', async () => {
    const { source, calls, mostAtOnce, watch, clock } = setUp(
      () =>
        new Promise((resolve) => {
          clock.setTimeout(() => resolve(answer(calls.length)), 300);
        }),
      { intervalMs: 1_000 },
    );
    const watches = [watch(), watch()];
    const first = source.read({ signal });
    await clock.flush();
    const others = Array.from({ length: 10 }, async () => source.read({ signal }));
    await clock.advance(600);
    expect((await first).data).toEqual({ n: 1 });
    for (const { data } of await Promise.all(others)) expect(data).toEqual({ n: 2 });
    await clock.advance(20_000);
    expect(mostAtOnce()).toBe(1);
    expect(calls.length).toBeGreaterThan(10);
    for (const each of watches) each?.close();
  });
});

describe('a watch', () => {
  const intervalMs = 1_000;

  test('asks first after a part of the interval, and then once in each', async () => {
    const { watch, calls, clock, told } = setUp(() => answer(1, 'abc'), { intervalMs });
    watch();
    await clock.advance(499);
    expect(calls).toHaveLength(0);
    await clock.advance(1);
    expect(calls).toHaveLength(1);
    await clock.advance(10_000);
    expect(calls).toHaveLength(11);
    expect(told).toEqual([{ data: { n: 1 }, version: 'abc' }]);
    await clock.runUntilIdle();
  });

  test('compares the content where there is no version, and tells a new version', async () => {
    const answers = [answer(1), answer(1), answer(2), answer(2, 'a'), answer(2, 'b')];
    const { watch, clock, told } = setUp(() => answers.shift() ?? answer(2, 'b'), { intervalMs });
    watch();
    await clock.advance(20_000);
    expect(told).toEqual([
      { data: { n: 1 }, version: undefined },
      { data: { n: 2 }, version: undefined },
      { data: { n: 2 }, version: 'a' },
      { data: { n: 2 }, version: 'b' },
    ]);
  });

  test('asks less and less often while it fails, and then as before', async () => {
    const times: number[] = [];
    let isDown = false;
    const { watch, clock, told } = setUp(
      () => {
        times.push(clock.now());
        return isDown ? new Response('', { status: 500 }) : answer(1);
      },
      { intervalMs, maxIntervalMs: 5_000 },
    );
    watch();
    await clock.advanceTo(1_000);
    isDown = true;
    await clock.advanceTo(20_000);
    isDown = false;
    await clock.advanceTo(26_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] as number));
    expect(waits).toEqual([1_000, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 1_000, 1_000]);
    // The same data as before: whoever listens knows that the trouble is over.
    expect(told.map((each) => ('data' in each ? 'data' : 'failure'))).toEqual([
      'data',
      ...new Array(6).fill('failure'),
      'data',
    ]);
  });

  test('spreads the requests of many instances', async () => {
    const random = seededRandom(3);
    const firsts: number[] = [];
    const seconds: number[] = [];
    for (let instance = 0; instance < 50; instance++) {
      const times: number[] = [];
      const { watch, clock } = setUp(
        () => {
          times.push(clock.now());
          return answer(1);
        },
        { intervalMs, random },
      );
      const watched = watch();
      await clock.advance(3_000);
      watched?.close();
      firsts.push(times[0] as number);
      seconds.push((times[1] as number) - (times[0] as number));
    }
    expect(Math.min(...firsts)).toBeLessThan(150);
    expect(Math.max(...firsts)).toBeGreaterThan(850);
    for (const wait of seconds) {
      expect(wait).toBeGreaterThanOrEqual(800);
      expect(wait).toBeLessThanOrEqual(1_200);
    }
  });

  test('asks whether it is still the same, where the server can tell', async () => {
    const { watch, source, clock, calls, told } = setUp(
      ({ headers }) =>
        headers['if-none-match'] === '"1"'
          ? new Response(undefined, { status: 304 })
          : answer(1, 'a', { etag: '"1"' }),
      { intervalMs },
    );
    watch();
    await clock.advance(5_000);
    expect(calls.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      ...new Array(calls.length - 1).fill('"1"'),
    ]);
    expect(told).toHaveLength(1);
    expect(await source.read({ signal })).toEqual({ data: { n: 1 }, version: 'a' });
  });

  test('ends its request and its timer when it is closed', async () => {
    const { watch, clock, calls, told } = setUp(silence, { intervalMs });
    const watched = watch();
    await clock.advance(600);
    watched?.close();
    watched?.close();
    await clock.flush();
    expect(calls[0]?.init.signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
    expect(told).toEqual([]);
  });

  test('does not keep the process alive between its requests', async () => {
    const { watch, clock } = setUp(() => answer(1));
    watch();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
    expect(clock.pending).toBe(1);
  });
});

test('names the option that cannot be used, and shows no secret', () => {
  const make = (options: Partial<Record<keyof SpringConfigSourceOptions, unknown>>) => () =>
    springConfigSource({
      url: 'http://c',
      application: 'a',
      ...options,
    } as SpringConfigSourceOptions);
  for (const url of ['config', 'ftp://c', 'http://c?x=1', 5])
    expect(make({ url })).toThrow('`url`');
  expect(make({ url: 'htp://user:secret@c' })).toThrow(/^(?!.*secret)/u);
  for (const application of ['', 5]) expect(make({ application })).toThrow('`application`');
  for (const profiles of [[], 'prod']) expect(make({ profiles })).toThrow('`profiles`');
  expect(make({ profiles: [''] })).toThrow('`profiles[0]`');
  for (const prefix of ['.a', 'a..b', 'a[0]', 5]) expect(make({ prefix })).toThrow('`prefix`');
  expect(make({ label: '' })).toThrow('`label`');
  expect(make({ token: 5 })).toThrow('`token`');
  expect(make({ auth: { username: 'u' } })).toThrow('`auth`');
  expect(make({ headers: 'x' })).toThrow('`headers`');
  expect(make({ optional: 1 })).toThrow('`optional`');
  for (const name of ['intervalMs', 'maxIntervalMs', 'timeoutMs', 'maxBytes'] as const) {
    expect(make({ [name]: 0 })).toThrow(`\`${name}\``);
  }
  expect(make({ fetch: {} })).toThrow('`fetch`');
  expect(make({ random: 1 })).toThrow('`random`');
  expect(make({ clock: {} })).toThrow('`clock`');
});

test('tells no secret that is no value of a header', async () => {
  for (const secret of ['se\ncret', 'se\u2603cret']) {
    for (const options of [{ token: secret }, { headers: { authorization: secret } }]) {
      const { source, calls } = setUp(() => answer(1), options);
      const error = (await source.read({ signal }).catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({ reason: 'unreachable' });
      expect(error.cause).toBeUndefined();
      expect(error.message).toMatch(/the value of the header [\w-]+ cannot be sent$/u);
      expect(error.message).not.toContain('cret');
      expect(calls).toEqual([]);
    }
  }
});

test('takes a percent sign in the address for itself where it begins no escape', async () => {
  const { source, calls } = setUp(() => answer(1), { url: 'http://u%20:100%25-100%@c.test' });
  await source.read({ signal });
  expect(calls[0]?.headers['authorization']).toBe(`Basic ${btoa('u :100%-100%')}`);
});

test('says that redirects are not followed only where there is one', async () => {
  const one = setUp(() => new Response(null, { status: 302, headers: { location: '/other' } }));
  await expect(one.source.read({ signal })).rejects.toThrow(
    'answered 302; redirects are not followed',
  );
  const none = setUp(() => new Response(null, { status: 304 }));
  await expect(none.source.read({ signal })).rejects.toThrow(/answered 304$/u);
});
