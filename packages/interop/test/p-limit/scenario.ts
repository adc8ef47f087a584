import { AsyncLocalStorage } from 'node:async_hooks';
import type { LimitFunction, limitFunction, Options } from '@holdfast/interop/p-limit';
import { vi } from 'vitest';

/** What is common to p-limit and to the entry that replaces it. */
export interface Library {
  readonly default: (concurrency: number | Options) => LimitFunction;
  readonly limitFunction: typeof limitFunction;
}

/** What is done with a limit at one moment. */
export type Action =
  | { readonly does: 'call'; readonly tasks: readonly Task[] }
  | { readonly does: 'map'; readonly tasks: readonly Task[]; readonly breaks: boolean }
  | { readonly does: 'clear' }
  | { readonly does: 'resize'; readonly to: number }
  | { readonly does: 'wait'; readonly ms: number };

/** How a limited function behaves: it ends after so long, at once, or without being async at all. */
export interface Task {
  readonly ends: 'value' | 'error';
  readonly afterMs: number | 'reaction' | 'sync';
  /** What it does with the limit when it has begun. */
  readonly inside?: 'call' | 'clear' | undefined;
}

export interface Scenario {
  readonly concurrency: number;
  readonly rejectOnClear: boolean;
  readonly actions: readonly Action[];
}

/** What happened, and when. */
interface Story {
  /** All but the answers, in this order. */
  readonly log: unknown[][];
  /** The answers by the name of the call: which of two comes a microtask earlier is not compared. */
  readonly answers: Readonly<Record<string, unknown>>;
}

/** Plays the scenario under fake timers, and tells all that happened. */
export async function play(library: Library, scenario: Scenario): Promise<Story> {
  vi.useFakeTimers();
  try {
    return await playOn(library, scenario);
  } finally {
    vi.useRealTimers();
  }
}

async function playOn(library: Library, scenario: Scenario): Promise<Story> {
  const log: unknown[][] = [];
  const answers: Record<string, unknown> = {};
  const startedAt = performance.now();
  const storage = new AsyncLocalStorage<string>();
  const { concurrency, rejectOnClear } = scenario;
  const limit = library.default({ concurrency, rejectOnClear });
  const tell = (...what: unknown[]): void => {
    log.push([performance.now() - startedAt, ...what]);
  };
  const counts = (): string => `${limit.activeCount} + ${limit.pendingCount}`;
  const settled = (name: string, call: Promise<unknown>): void => {
    call.then(
      (value) => (answers[name] = [performance.now() - startedAt, 'gives', value]),
      (error: unknown) => (answers[name] = [performance.now() - startedAt, 'fails', shown(error)]),
    );
  };
  let calls = 0;
  const schedule = (task: Task): void => {
    const name = `call ${++calls}`;
    storage.run(name, () => settled(name, limit(perform, task, name)));
    tell(name, 'scheduled', counts());
  };
  const perform = (task: Task, name: string): unknown => {
    tell(name, 'begins', storage.getStore());
    if (task.inside === 'clear') setTimeout(limit.clearQueue, 1);
    if (task.inside === 'call') schedule({ ...task, inside: undefined });
    const end = (): unknown => {
      tell(name, 'ends');
      if (task.ends === 'error') throw new Error(name);
      return name;
    };
    if (task.afterMs === 'sync') return end();
    if (task.afterMs === 'reaction') return Promise.resolve().then(end);
    return new Promise((resolve) => {
      setTimeout(resolve, task.afterMs as number);
    }).then(end);
  };
  const act = (action: Exclude<Action, { does: 'wait' }>): void => {
    if (action.does === 'call') action.tasks.forEach(schedule);
    else if (action.does === 'clear') limit.clearQueue();
    else if (action.does === 'resize') limit.concurrency = action.to;
    else {
      const name = `map ${++calls}`;
      const mapper = (task: Task, index: number): unknown => perform(task, `${name}.${index}`);
      settled(name, limit.map(breaking(action.tasks, action.breaks), mapper));
    }
  };
  for (const action of scenario.actions) {
    // A higher concurrency starts what waits at once; in p-limit, a microtask later.
    if (action.does === 'resize') await vi.advanceTimersByTimeAsync(0);
    if (action.does === 'wait') await vi.advanceTimersByTimeAsync(action.ms);
    else act(action);
    if (action.does !== 'resize') tell(action.does, counts());
    if (action.does === 'call') continue;
    // What comes within the same microtasks as the end of a function is not compared.
    await vi.advanceTimersByTimeAsync(0);
    tell('quiet', counts());
  }
  await vi.runAllTimersAsync();
  tell('the end', limit.concurrency, counts());
  return { log, answers };
}

function* breaking<T>(items: readonly T[], breaks: boolean): Iterable<T> {
  yield* items;
  if (breaks) throw new Error('the iterable broke');
}

function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  return { name, message, of: Object.getPrototypeOf(error).constructor.name };
}
