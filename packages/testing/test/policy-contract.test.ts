import {
  admitted,
  type Clock,
  defineTopics,
  type EnterVerdict,
  type ExecuteOptions,
  LayeredPolicy,
  noop,
  type Operation,
  parked,
  type Policy,
  refused,
  type Run,
  systemClock,
} from '@holdfast/policy';
import { describe, expect, test } from 'vitest';
import { policyContract } from '@holdfast/testing';
import type { MakePolicy, PolicyContractOptions } from '@holdfast/testing';

type Execute = (operation: Operation<never>, options?: ExecuteOptions) => Promise<never>;

/** The policy that does nothing, but for its `execute`. */
function withExecute(execute: Execute): Policy {
  const outcome: Policy['outcome'] = async (operation, options) => {
    try {
      return { ok: true, value: await execute(operation as never, options) };
    } catch (error) {
      return { ok: false, error };
    }
  };
  return Object.create(noop, { execute: { value: execute }, outcome: { value: outcome } });
}

/** A policy with one layer that lets everything through; defects override its hooks. */
class Open extends LayeredPolicy {
  readonly kind: string = 'open';
  override readonly clock: Clock;
  constructor(clock: Clock) {
    super('open');
    this.clock = clock;
  }
  enter(_run: Run, _at: number): EnterVerdict {
    return admitted;
  }
  success(): 0 {
    return 0;
  }
  failure(): 0 {
    return 0;
  }
  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

async function failures(
  make: MakePolicy,
  options?: PolicyContractOptions,
  isWanted: (name: string) => boolean = () => true,
): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of policyContract(make, options)) {
    if (!isWanted(name)) continue;
    try {
      await run();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

const shared = new Open(systemClock);

const defects: Readonly<Record<string, { make: MakePolicy; caught: string }>> = {
  'wraps the error': {
    make: () =>
      withExecute((operation, options) =>
        noop.execute(operation, options).catch((cause: unknown) => {
          throw new Error('wrapped', { cause });
        }),
      ),
    caught: 'rejects with the very error of the operation, whether it throws or rejects',
  },
  'throws synchronously': {
    make: () =>
      withExecute((operation, options) => Promise.resolve(operation({ ...options } as never))),
    caught: 'rejects with the very error of the operation, whether it throws or rejects',
  },
  'ignores a signal that is aborted already': {
    make: () => withExecute((operation) => noop.execute(operation)),
    caught:
      'does not call the operation when the signal is aborted already, and rejects with its reason',
  },
  'leaves a listener on the signal': {
    make: () =>
      withExecute((operation, options) => {
        options?.signal?.addEventListener('abort', () => undefined);
        return noop.execute(operation, options);
      }),
    caught: 'leaves no listener on a signal that serves one call',
  },
  'aborts the signal after a success': {
    make: () =>
      withExecute((operation, options) => {
        const own = new AbortController();
        return noop
          .execute((context) => operation({ ...context, signal: own.signal }), options)
          .finally(() => own.abort());
      }),
    caught: 'does not abort the signal of an operation that has succeeded',
  },
  'leaves a loser without a handler': {
    make: () =>
      withExecute((operation, options) => {
        const call = noop.execute(operation, options);
        void call.then((value) => value);
        return call;
      }),
    caught: 'leaves no rejection unhandled, whatever the order of abort and settling',
  },
  'retries what it should leave alone': {
    make: () =>
      withExecute((operation, options) =>
        noop.execute(operation, options).then((value) => noop.execute(operation).then(() => value)),
      ),
    caught: 'calls the operation once, with a context',
  },
  'reads the time of the process': {
    make: () =>
      withExecute((operation, options) => {
        systemClock.now();
        return noop.execute(operation, options);
      }),
    caught: 'takes the time from its own clock, never from the process',
  },
  'leaves a timer armed': {
    make: ({ clock }) =>
      withExecute((operation, options) => {
        clock.setTimeout(() => undefined, 1_000);
        return noop.execute(operation, options);
      }),
    caught: 'returns the very value of the operation, whether it comes at once or later',
  },
  'runs the operation in a context that is not its caller’s': {
    make: () => {
      const queue: (() => void)[] = [];
      const work = (): void => {
        for (const next of queue.splice(0)) next();
      };
      return withExecute(
        (operation, options) =>
          new Promise((resolve, reject) => {
            if (queue.length === 0) setImmediate(work);
            queue.push(() => {
              noop.execute(operation, options).then(resolve, reject);
            });
          }),
      );
    },
    caught: 'runs each operation in the async context of its caller, and goes on there after it',
  },
  'shares its state': {
    make: () => shared,
    caught: 'shares no layer with another policy that is made the same way',
  },
  'counts what its callers gave up': {
    make: ({ clock }) => {
      let count = 0;
      class Counting extends Open {
        override enter(run: Run): EnterVerdict {
          if (count <= 100) return admitted;
          run.answer(false, new Error('open'));
          return refused;
        }
        override failure(): 0 {
          count++;
          return 0;
        }
      }
      return new Counting(clock);
    },
    caught: 'goes on as before after many calls that their callers gave up',
  },
};

describe('the contract of a policy', () => {
  test('is kept by a policy that does nothing', async () => {
    expect(await failures(() => noop)).toEqual([]);
    expect(await failures(({ clock }) => new Open(clock))).toEqual([]);
  });

  for (const [defect, { make, caught }] of Object.entries(defects)) {
    test(`catches a policy that ${defect}`, async () => {
      expect(await failures(make, {}, (name) => name === caught)).toEqual([caught]);
    });
  }

  test('leaves out what compares results for a policy that changes them', async () => {
    const make: MakePolicy = () =>
      withExecute((operation, options) =>
        noop.execute(operation, options).then(() => 'changed' as never),
      );
    const all = policyContract(make);
    const some = policyContract(make, { transparent: false });
    expect(some.length).toBeLessThan(all.length);
    expect(await failures(make, { transparent: false })).toEqual([]);
  });

  test('fails a case that hangs, in a few seconds', async () => {
    const hanging = withExecute(() => new Promise(() => undefined));
    const [first] = policyContract(() => hanging);
    await expect(first?.run()).rejects.toThrow(
      'a call of this case is still pending after 2000 ms',
    );
  });

  test('rejects options that cannot be used', () => {
    expect(() => policyContract(noop as never)).toThrow('Expected `make` to be a function');
    expect(() => policyContract(() => noop, { waiting: 1 as never })).toThrow('`waiting`');
  });
});

const topics = defineTopics('open', ['entered']);

class Telling extends Open {
  override enter(): EnterVerdict {
    if (this.isHeard(topics.entered)) this.tell(topics.entered, {});
    return admitted;
  }
}

describe('the cases of an event', () => {
  test('hold for a policy that tells it guarded', async () => {
    const entered: NonNullable<PolicyContractOptions['events']>[string] = ({ clock }) => {
      const policy = new Telling(clock);
      return { policy, provoke: () => policy.execute(() => 1) };
    };
    expect(await failures(() => noop, { events: { entered } })).toEqual([]);
  });

  test('fail for an event that is never told', async () => {
    const entered: NonNullable<PolicyContractOptions['events']>[string] = ({ clock }) => {
      const policy = new Open(clock);
      return { policy, provoke: () => policy.execute(() => 1) };
    };
    expect(await failures(() => noop, { events: { entered } })).toEqual([
      'tells "entered" to a listener and on its channel',
      'comes to the same outcome when a listener of "entered" throws or rejects',
    ]);
  });
});

class Parking extends Open {
  readonly waiting: Run[] = [];
  override enter(run: Run): EnterVerdict {
    this.waiting.push(run);
    return parked;
  }
}

describe('the cases of a wait', () => {
  test('hold for a policy that parks its calls', async () => {
    const waiting: PolicyContractOptions['waiting'] = ({ clock }) => {
      const policy = new Parking(clock);
      return { policy, release: () => policy.waiting[0]?.resume() };
    };
    expect(await failures(() => noop, { waiting })).toEqual([]);
  });

  const isOfWait = (name: string): boolean =>
    /\bwait|resumes in/.test(name) && !name.includes('or else');

  test('fail for a policy that does not wait', async () => {
    const waiting: PolicyContractOptions['waiting'] = () => ({
      policy: noop,
      release: () => undefined,
    });
    expect(await failures(() => noop, { waiting }, isOfWait)).toHaveLength(4);
  });

  test('fail for a policy that does not hear of an abort while it waits', async () => {
    const waiting: PolicyContractOptions['waiting'] = () => {
      const gate = Promise.withResolvers<void>();
      const policy = withExecute((operation) => gate.promise.then(() => noop.execute(operation)));
      return { policy, release: gate.resolve };
    };
    expect(await failures(() => noop, { waiting }, isOfWait)).toEqual([
      'gives up a wait at once when the caller aborts, and never calls the operation again',
      'rejects with the reason when the abort comes together with the end of the wait',
    ]);
  });
});
