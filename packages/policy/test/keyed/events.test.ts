import { channel } from 'node:diagnostics_channel';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { type AnyPolicy, compose, defineTopics, keyed } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { describe, expect, test } from 'vitest';
import { Remembering } from './remembering-layer.ts';

const down = (): never => {
  throw new Error('down');
};
const breaker = (name: string | undefined) =>
  circuitBreaker({ trip: consecutiveFailures(1), name });

/** A keyed policy whose calls say for which key they are. */
function many<P extends AnyPolicy>(make: (key: string | undefined) => P) {
  let next: string | undefined = '';
  const policy = keyed(make, { key: () => next });
  const fail = (key: string | undefined): Promise<unknown> => {
    next = key;
    return policy.outcome(down);
  };
  return { policy, fail };
}

describe('the events of the policies of all keys', () => {
  test('come to one listener, of present and of future keys, and tell the key', async () => {
    const { policy, fail } = many(breaker);
    await fail('before');
    const heard: unknown[] = [];
    policy.on('opened', ({ key, policy: name, kind }) => heard.push([kind, name, key]));
    policy.get('before').reset();

    for (const key of ['before', 'after', undefined]) await fail(key);

    expect(heard).toEqual([
      ['circuit-breaker', 'before', 'before'],
      ['circuit-breaker', 'after', 'after'],
      ['circuit-breaker', 'circuit-breaker', undefined],
    ]);
  });

  test('come to no listener that has been taken away', async () => {
    const { policy, fail } = many(breaker);
    const heard: unknown[] = [];
    const end = policy.on('opened', (event) => heard.push(event));
    await fail('a');
    end();
    await fail('b');
    expect(heard).toHaveLength(1);
  });

  test('tell the key on their channels', async () => {
    const { fail } = many(breaker);
    const published: unknown[] = [];
    const collect = (event: unknown): number => published.push((event as { key: unknown }).key);
    channel('holdfast:circuit-breaker:opened').subscribe(collect);
    await fail('a');
    channel('holdfast:circuit-breaker:opened').unsubscribe(collect);
    expect(published).toEqual(['a']);
  });

  test('tell the key to a listener of the policy of that key', async () => {
    const { policy, fail } = many(breaker);
    const heard: unknown[] = [];
    policy.get('a').on('opened', (event) => heard.push((event as unknown as { key: unknown }).key));
    await fail('a');
    await fail('b');
    expect(heard).toEqual(['a']);
  });

  test('come from each layer of a pipeline, and out of the pipeline around it', async () => {
    const { policy, fail } = many((key) =>
      compose(retry({ maxAttempts: 2, backoff: constant(0) }), breaker(key)),
    );
    const around = compose(policy, retry({ maxAttempts: 1 }));
    const heard: unknown[] = [];
    around.on('opened', ({ key }) => heard.push(['opened', key]));
    policy.on('gave-up', ({ key, attempts }) => heard.push(['gave-up', key, attempts]));
    await fail('a');
    expect(heard).toEqual([
      ['opened', 'a'],
      ['gave-up', 'a', 2],
    ]);
  });

  test('are told with the key of whoever is listened to, where one keyed policy is inside another', async () => {
    let inner = '';
    const { policy, fail } = many(() => keyed(breaker, { key: () => inner }));
    const heard: unknown[] = [];
    policy.on('opened', ({ key }) => heard.push(['tenant', key]));
    policy.get('acme').on('opened', ({ key }) => heard.push(['host', key]));
    inner = 'a.example';
    await fail('acme');
    expect(heard).toEqual([
      ['host', 'a.example'],
      ['tenant', 'acme'],
    ]);
  });

  test('are not made while nobody listens', async () => {
    const topics = defineTopics('test', ['done']);
    let heard: boolean | undefined;
    class Telling extends Remembering {
      override success(): 0 {
        heard = this.isHeard(topics.done);
        return 0;
      }
    }
    const policy = keyed(() => new Telling('telling'), { key: () => 'a' });
    await policy.execute(() => 1);
    expect(heard).toBe(false);
    policy.on('forgotten', () => undefined);
    await policy.execute(() => 1);
    expect(heard).toBe(true);
  });

  test('have the key of the keyed policy at its listeners, also where they have one of their own', async () => {
    const topics = defineTopics('test', ['done']);
    class Telling extends Remembering {
      override success(): 0 {
        this.tell(topics.done, { key: 'own' });
        this.tell(topics.done, { key: undefined });
        return 0;
      }
    }
    const policy = keyed(() => new Telling('telling'), { key: () => 'a' });
    const heard: unknown[] = [];
    const own: unknown[] = [];
    policy.on('done' as never, (event: { key: unknown }) => heard.push(event.key));
    policy.get('a').on('done', (event: { key: unknown }) => own.push(event.key));
    await policy.execute(() => 1);
    expect(heard).toEqual(['a', 'a']);
    expect(own).toEqual(['own', 'a']);
  });
});
