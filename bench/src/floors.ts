/**
 * The least that can be: hand-written for one case, without a policy's contract. What a goal asks below
 * these cannot be had on the machine that measured them.
 */
import { AsyncResource } from 'node:async_hooks';
import { type Batch, type Call, inLoop, inWaves, succeeding, type Work } from './batch.ts';
import type { Contender } from './group.ts';

class Remembered {
  readonly operation: Work;
  value: unknown = undefined;
  ok = false;

  constructor(operation: Work) {
    this.operation = operation;
  }
}

function succeeded(this: Remembered, value: number): number {
  this.ok = true;
  this.value = value;
  return value;
}

function failed(this: Remembered, error: unknown): never {
  this.value = error;
  throw error;
}

/** Something to remember of a call, and to hear of both of its ends. */
const recorded: Call = (operation) => {
  const record = new Remembered(operation);
  return record.operation().then(succeeded.bind(record), failed.bind(record));
};

class Waiting extends Remembered {
  readonly settle: (value: unknown) => void;
  readonly scope = new AsyncResource('floor', { requireManualDestroy: true });
  next: Waiting | undefined = undefined;

  constructor(operation: Work, settle: (value: unknown) => void) {
    super(operation);
    this.settle = settle;
  }
}

/** A list of those that wait, each with its promise and its async context; nobody can leave it. */
function queueing(limit: number): Call {
  let running = 0;
  let head: Waiting | undefined;
  let tail: Waiting | undefined;

  function release(): void {
    running--;
    const next = head;
    if (next === undefined) return;
    head = next.next;
    if (head === undefined) tail = undefined;
    running++;
    next.scope.runInAsyncScope(start, next);
  }

  function start(this: Waiting): void {
    const end = ended.bind(this);
    this.operation().then(end, end);
  }

  function ended(this: Waiting, value: unknown): void {
    this.settle(value);
    release();
  }

  async function run(operation: Work): Promise<unknown> {
    running++;
    try {
      return await operation();
    } finally {
      release();
    }
  }

  return (operation) => {
    if (running < limit) return run(operation);
    return new Promise((resolve) => {
      const waiting = new Waiting(operation, resolve);
      if (tail === undefined) head = waiting;
      else tail.next = waiting;
      tail = waiting;
    });
  };
}

const floor = (what: string, make: () => Batch): Contender => ({ name: `floor, ${what}`, make });

export const floors: Readonly<Record<'call' | 'outcome' | 'guard', Contender>> = {
  call: floor('a record and one then', () => succeeding(recorded)),
  outcome: floor('a promise of a fresh object', () =>
    succeeding(() => Promise.resolve({ ok: false })),
  ),
  guard: floor('a function that returns undefined', () => inLoop(() => undefined)),
};

/** For so many tasks together behind a limit. */
export const queueFloor = (size: number, limit: number): Contender =>
  floor('a list of promises and contexts', () => inWaves(size, queueing(limit)));
