import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type AnyPolicy,
  compose,
  definePolicy,
  type ExecutionContext,
  keyed,
  type Policy,
} from '@holdfast/policy';
import { virtualClock, type VirtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Again, Gate, Witness } from './layers.ts';

/** A pipeline of any layers, with a witness between any two of them. */
interface Built {
  readonly pipeline: Policy<unknown>;
  readonly witnesses: readonly Witness[];
  readonly gates: readonly Gate[];
  readonly agains: readonly Again[];
  readonly meddlers: readonly { meddle: (hook: string) => void }[];
  readonly late: unknown[];
}

const part = fc.oneof(
  fc.record({
    kind: fc.constant('timeout' as const),
    afterMs: fc.integer({ min: 1, max: 60 }),
    cooperative: fc.boolean(),
    byFunction: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('gate' as const),
    limit: fc.integer({ min: 1, max: 2 }),
    maxQueued: fc.nat(2),
  }),
  fc.record({
    kind: fc.constant('again' as const),
    attempts: fc.integer({ min: 1, max: 3 }),
    delayMs: fc.nat(20),
  }),
  fc.record({ kind: fc.constantFrom(...(['once', 'twice', 'race', 'replace', 'never'] as const)) }),
);
type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;

const around: Readonly<Record<string, Parameters<typeof definePolicy<unknown>>[1]>> = {
  once: (next) => next(),
  twice: async (next) => {
    try {
      return await next();
    } catch {
      return next();
    }
  },
  race: (next) => Promise.any([next(), next()]),
  replace: (next) => next().catch(() => 'replaced'),
  never: async () => 'never called',
};

/** Which policies of the pipeline stand inside a keyed one. */
interface Group {
  readonly from: number;
  readonly count: number;
}

function build(clock: VirtualClock, parts: readonly Part[], group: Group | null): Built {
  const late: unknown[] = [];
  const witnesses = Array.from({ length: parts.length + 1 }, () => new Witness('witness'));
  const gates: Gate[] = [];
  const agains: Again[] = [];
  const make = (spec: Part): AnyPolicy => {
    switch (spec.kind) {
      case 'timeout':
        return timeout({
          afterMs: spec.byFunction ? () => spec.afterMs : spec.afterMs,
          mode: spec.cooperative ? 'cooperative' : 'aggressive',
          clock,
          onLateResult: (value) => late.push(value),
        });
      case 'gate': {
        const gate = new Gate(spec.limit, spec.maxQueued);
        gates.push(gate);
        return gate;
      }
      case 'again': {
        const again = new Again(clock, spec.attempts, spec.delayMs);
        agains.push(again);
        return again;
      }
      case 'once':
      case 'twice':
      case 'race':
      case 'replace':
      case 'never':
      default:
        return definePolicy<unknown>(spec.kind, around[spec.kind] as never);
    }
  };
  const policies: AnyPolicy[] = parts.flatMap((spec, i) => [witnesses[i] as Witness, make(spec)]);
  policies.push(witnesses[parts.length] as Witness);
  if (group !== null) {
    const { from, count } = group;
    const inside = compose(...policies.slice(from, from + count));
    // Made at the first call: until then nobody knows what it can do.
    policies.splice(
      from,
      count,
      keyed(() => inside, { key: () => 'key', clock }),
    );
  }
  const pipeline = compose(...policies) as Policy<unknown>;
  return {
    pipeline,
    witnesses,
    gates,
    agains,
    meddlers: [...witnesses, ...gates, ...agains],
    late,
  };
}

const call = fc.record({
  startMs: fc.nat(40),
  workMs: fc.nat(60),
  ok: fc.boolean(),
  sync: fc.boolean(),
  obeys: fc.boolean(),
  bodyMs: fc.option(fc.nat(60)),
  abortMs: fc.option(fc.nat(80)),
  signal: fc.constantFrom('own', 'shared', 'none'),
});

const scenario = fc.record({
  parts: fc.array(part, { maxLength: 4 }),
  calls: fc.array(call, { minLength: 1, maxLength: 4 }),
  meddlesAt: fc.option(fc.nat(25)),
  meddler: fc.nat(12),
  group: fc.option(fc.record({ from: fc.nat(8), count: fc.nat(9) })),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

async function play({ parts, calls, meddlesAt, meddler, group }: Scenario): Promise<void> {
  const clock = virtualClock();
  const built = build(clock, parts, group);
  const shared = new AbortController();
  const controllers: AbortController[] = [];
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimeout(resolve, ms);
    });

  // Where nothing can cut, an abort while the operation runs is heard by the operation alone.
  const watches =
    parts.some(({ kind }) => kind === 'timeout') &&
    // What a race leaves behind goes on after the answer, as it may.
    !parts.some(({ kind }) => kind === 'race');
  let tooLate = 0;
  const abortedAt = new Map<AbortSignal | undefined, number>();
  const abort = (controller: AbortController, reason: string): void => {
    if (!controller.signal.aborted) abortedAt.set(controller.signal, clock.now());
    controller.abort(new Error(reason));
  };
  // A listener of the user's that aborts a caller from inside a hook.
  let hooks = 0;
  const victim = built.meddlers[meddler % built.meddlers.length];
  if (victim !== undefined && meddlesAt !== null) {
    victim.meddle = () => {
      if (hooks++ === meddlesAt) abort(controllers[0] ?? shared, 'meddled');
    };
  }

  let running = 0;
  let settled = 0;
  const stray: unknown[] = [];
  const onStray = (reason: unknown): void => void stray.push(reason);
  process.on('unhandledRejection', onStray);
  for (const spec of calls) {
    const controller = spec.signal === 'shared' ? shared : new AbortController();
    clock.setTimeout(() => {
      if (spec.signal !== 'none') controllers.push(controller);
      const options = spec.signal === 'none' ? undefined : { signal: controller.signal };
      let doneAt = Number.POSITIVE_INFINITY;
      const operation = (context: ExecutionContext): unknown => {
        running++;
        const goneAt = abortedAt.get(options?.signal) ?? Number.POSITIVE_INFINITY;
        if (watches && goneAt <= doneAt && goneAt < clock.now()) tooLate++;
        const heard = new AbortController();
        const finish = (): unknown => {
          running--;
          heard.abort();
          if (spec.bodyMs !== null) context.waitUntil(sleep(spec.bodyMs));
          if (!spec.ok) throw new Error('failed');
          return 'done';
        };
        if (spec.sync) return finish();
        const aborted = new Promise<void>((resolve) => {
          if (!spec.obeys) return;
          context.signal.addEventListener('abort', () => resolve(), { signal: heard.signal });
        });
        return Promise.race([sleep(spec.workMs), aborted]).then(finish);
      };
      void built.pipeline.outcome(operation, options).then(() => {
        settled++;
        doneAt = clock.now();
      });
    }, spec.startMs);
    const { abortMs } = spec;
    if (abortMs !== null) clock.setTimeout(() => abort(controller, 'left'), abortMs);
  }
  await clock.runUntilIdle();
  await turn();
  process.off('unhandledRejection', onStray);

  expect(stray).toEqual([]);
  expect(tooLate).toBe(0);
  expect(running).toBe(0);
  expect(settled).toBe(calls.length);
  expect(built.witnesses.flatMap((each) => each.broken)).toEqual([]);
  expect(built.witnesses.map((each) => each.open)).toEqual(built.witnesses.map(() => 0));
  expect(built.gates.map((each) => [each.active, each.queue.length])).toEqual(
    built.gates.map(() => [0, 0]),
  );
  expect(built.agains.map((each) => each.waits)).toEqual(built.agains.map(() => 0));
  for (const { signal } of [shared, ...controllers]) {
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  }
}

const numRuns = Number(process.env['HOLDFAST_RUNS'] ?? 500);

test('keeps what it promises to layers, callers and places, whatever happens when', async () => {
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns });
}, 600_000);
