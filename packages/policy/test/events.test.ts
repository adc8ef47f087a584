import diagnostics from 'node:diagnostics_channel';
import { compose, defineTopics, LayeredPolicy, type PolicyEvent } from '@holdfast/policy';
import { describe, expect, test, vi } from 'vitest';

const topics = defineTopics('knock', ['knocked', 'left']);

class Knock extends LayeredPolicy<never, unknown, { knocked: PolicyEvent; left: PolicyEvent }> {
  readonly kind: string = 'knock';
  enter(): 0 {
    if (this.isHeard(topics.knocked)) this.tell(topics.knocked, { at: 'door' });
    return 0;
  }
  success(): 0 {
    if (this.isHeard(topics.left)) this.tell(topics.left, {});
    return 0;
  }
  failure(): 0 {
    return 0;
  }
  protected described(): Readonly<Record<string, unknown>> {
    return { loud: true };
  }
}

const event = { kind: 'knock', event: 'knocked', policy: 'front', at: 'door' };

describe('events', () => {
  test('reach each listener with the names of the policy', async () => {
    const knock = new Knock('front');
    const [first, second] = [vi.fn(), vi.fn()];
    knock.on('knocked', first);
    knock.on('knocked', second);
    await knock.execute(() => 1);
    expect([first.mock.calls, second.mock.calls]).toEqual([[[event]], [[event]]]);
  });

  test('end with the subscription, and only with that one', async () => {
    const knock = new Knock('front');
    const listener = vi.fn();
    const end = knock.on('knocked', listener);
    knock.on('knocked', listener);
    end();
    end();
    await knock.execute(() => 1);
    expect(listener).toHaveBeenCalledOnce();
  });

  test('are published on their channel, with or without listeners', async () => {
    const published = vi.fn();
    const listener = (message: unknown, name: unknown): void => published(message, name);
    diagnostics.subscribe('holdfast:knock:knocked', listener);
    await new Knock('front').execute(() => 1);
    diagnostics.unsubscribe('holdfast:knock:knocked', listener);
    await new Knock('front').execute(() => 1);
    expect(published.mock.calls).toEqual([[event, 'holdfast:knock:knocked']]);
  });

  test('of all layers of a pipeline are heard on the pipeline, once for a layer that stands twice', async () => {
    const [front, back] = [new Knock('front'), new Knock('back')];
    const pipeline = compose(front, back, front);
    const heard: string[] = [];
    const end = pipeline.on('knocked', ({ policy }) => heard.push(policy));
    await pipeline.execute(() => 1);
    end();
    await pipeline.execute(() => 1);
    expect(heard).toEqual(['front', 'back', 'front']);
  });

  test('need a function as listener', () => {
    expect(() => new Knock('front').on('knocked', 'x' as never)).toThrow(
      new TypeError('Expected the listener of "knocked" to be a function.'),
    );
  });

  test('are not disturbed by listeners that throw or reject; the errors are reported', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const reported = vi.fn();
    const report = (message: unknown): void => reported(message);
    diagnostics.subscribe('holdfast:listener:error', report);
    const knock = new Knock('front');
    const error = new Error('bad');
    const last = vi.fn();
    knock.on('knocked', () => {
      throw error;
    });
    const rejects = (): unknown => Promise.reject('worse');
    knock.on('knocked', rejects);
    knock.on('knocked', last);
    expect(await knock.execute(() => 1)).toBe(1);
    await Promise.resolve();
    diagnostics.unsubscribe('holdfast:listener:error', report);
    expect(last).toHaveBeenCalledOnce();
    expect(reported.mock.calls).toEqual([[{ error, event }], [{ error: 'worse', event }]]);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      'A listener of "knocked" (front) threw: Error: bad',
      'A listener of "knocked" (front) threw: worse',
    ]);
    warn.mockRestore();
  });

  test('that nobody hears are not made', async () => {
    const told = vi.spyOn(Knock.prototype, 'tell' as never);
    await new Knock('front').execute(() => 1);
    expect(told).not.toHaveBeenCalled();
  });

  test('are not made any more once the last listener has gone', async () => {
    const knock = new Knock('front');
    const tell = vi.spyOn(knock, 'tell' as never);
    const ends = ['knocked', 'left'].map((each) => knock.on(each, () => undefined));
    await knock.execute(() => 1);
    expect(tell).toHaveBeenCalledTimes(2);
    for (const end of ends) end();
    await knock.execute(() => 1);
    expect(tell).toHaveBeenCalledTimes(2);
  });
});

describe('a pipeline', () => {
  test('describes its layers, and has a name of its own or those of its parts', () => {
    const pipeline = compose(new Knock('front'), compose(new Knock('back')), compose());
    const layer = { kind: 'knock', options: { loud: true } };
    expect(pipeline.describe()).toEqual({
      name: 'front > back > noop',
      layers: [
        { ...layer, name: 'front' },
        { ...layer, name: 'back' },
      ],
    });
    expect(pipeline.named('doors').name).toBe('doors');
    expect(pipeline.named('doors').layers).toBe(pipeline.layers);
    expect(compose().describe()).toEqual({ name: 'noop', layers: [] });
  });

  test('is made of policies only', () => {
    for (const value of [undefined, null, {}, () => 1, 'x']) {
      expect(() => compose(new Knock('front'), value as never)).toThrow(
        new TypeError(
          'Expected every argument of compose to be a policy; argument 2 is not (definePolicy makes one of a function).',
        ),
      );
    }
  });

  test('wraps functions only', () => {
    expect(() => compose().wrap(1 as never)).toThrow(
      new TypeError('Expected wrap to get a function, got number.'),
    );
  });
});
