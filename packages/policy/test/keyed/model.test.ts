import { keyed } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Remembering } from './remembering-layer.ts';

const maxKeys = 3;
const idleMs = 50;

interface Known {
  readonly key: string;
  readonly policy: Remembering;
  inFlight: number;
  idleSince: number;
}

/** What is to be remembered, the slow and plain way: a list, from the key used first to the last. */
class Model {
  known: Known[] = [];

  find(key: string): Known | undefined {
    return this.known.find((each) => each.key === key);
  }

  idle(): Known[] {
    return this.known
      .filter(({ inFlight }) => inFlight === 0)
      .toSorted((a, b) => a.idleSince - b.idleSince || this.order(a) - this.order(b));
  }

  /** Ends that came at the same moment are in the order in which they came. */
  private readonly ends: Known[] = [];
  private order(known: Known): number {
    return this.ends.lastIndexOf(known);
  }

  /** One more than `most` is one too many. */
  makeRoom(most: number): void {
    const [oldest] = this.idle();
    if (this.known.length <= most || oldest === undefined) return;
    this.known = this.known.filter((each) => each !== oldest);
  }

  rest(known: Known, now: number): void {
    known.inFlight--;
    known.idleSince = now;
    this.ends.push(known);
  }

  expire(now: number): void {
    this.known = this.known.filter(
      ({ inFlight, idleSince }) => inFlight > 0 || idleSince + idleMs > now,
    );
  }
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('begin' as const), key: fc.nat(7) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('get' as const), key: fc.nat(7) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function play(steps: readonly Step[]): Promise<void> {
  const clock = virtualClock();
  const model = new Model();
  let key = '';
  const made: Remembering[] = [];
  const make = (): Remembering => {
    const layer = new Remembering(key);
    made.push(layer);
    return layer;
  };
  const policy = keyed(make, { key: () => key, maxKeys, idleMs, clock });
  const open: { readonly known: Known; readonly end: () => void }[] = [];

  /** The key is used by `action`: whether that makes a policy is for the model to say. */
  const use = (action: () => void): Known => {
    const former = model.find(key);
    const count = made.length;
    action();
    expect(made.length - count).toBe(former === undefined ? 1 : 0);
    if (former !== undefined) {
      former.inFlight++;
      return former;
    }
    model.makeRoom(maxKeys - 1);
    const known = { key, policy: made.at(-1) as Remembering, inFlight: 1, idleSince: 0 };
    model.known.push(known);
    return known;
  };

  for (const each of steps) {
    if (each.do === 'begin') {
      key = `k${each.key}`;
      const work = Promise.withResolvers<void>();
      const known = use(() => void policy.execute(() => work.promise));
      open.push({ known, end: work.resolve });
    } else if (each.do === 'end') {
      const [call] = open.splice(each.which % Math.max(1, open.length), 1);
      if (call === undefined) continue;
      call.end();
      await clock.flush();
      model.rest(call.known, clock.now());
      model.makeRoom(maxKeys);
    } else if (each.do === 'wait') {
      await clock.advance(each.ms);
      model.expire(clock.now());
    } else if (each.do === 'delete') {
      key = `k${each.key}`;
      expect(policy.delete(key)).toBe(model.find(key) !== undefined);
      model.known = model.known.filter((known) => known.key !== key);
    } else {
      key = `k${each.key}`;
      let got: unknown;
      const known = use(() => {
        got = policy.get(key);
      });
      expect(got).toBe(known.policy);
      model.rest(known, clock.now());
    }
    expect([...policy.keys()].toSorted()).toEqual(model.known.map((known) => known.key).toSorted());
  }
}

test('remembers what a plain model does, whatever calls come and end when', async () => {
  const numRuns = Number(process.env['HOLDFAST_RUNS'] ?? 500);
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), play), { numRuns });
}, 600_000);
