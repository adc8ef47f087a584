import { randomUUID } from 'node:crypto';
import { systemClock } from '@holdfast/policy';
import { AbortControl } from './abort-control.ts';
import { Answers } from './answers.ts';
import { Circuit } from './circuit.ts';
import type { Tell } from './events.ts';
import { Guard } from './guard.ts';
import type { Action } from './invoke.ts';
import type { Options } from './options.ts';
import { type ResolvedOptions, resolveOptions } from './resolve-options.ts';
import { Status } from './status.ts';

/** What a breaker is made of, wired up. */
export class Core {
  readonly name: string;
  readonly group: string;
  readonly options: ResolvedOptions;
  readonly action: Action;
  readonly status: Status;
  readonly circuit: Circuit;
  readonly guard: Guard;
  readonly answers: Answers;
  readonly abortControl: AbortControl;
  isEnabled: boolean;
  isShutdown = false;
  readonly tell: Tell;
  /** Until when the breaker warms up, in milliseconds of the clock of the process. */
  private readonly coldUntil: number;

  constructor(action: unknown, given: Options<never>, tell: Tell) {
    const options = resolveOptions(given);
    const { state, rollingCountTimeout } = options;
    const name = options.name || nameOf(action) || randomUUID();
    this.name = name;
    this.group = options.group || name;
    this.options = options;
    this.tell = tell;
    this.action = typeof action === 'function' ? (action as Action) : () => action;
    this.status = statusOf(options);
    this.isEnabled = (state ?? options).enabled !== false;
    const isCold = options.allowWarmUp === true || state?.warmUp === true;
    this.coldUntil = isCold ? systemClock.now() + rollingCountTimeout : Number.NEGATIVE_INFINITY;
    this.circuit = new Circuit(name, this);
    const { abortController, autoRenewAbortController = false } = options;
    this.abortControl = new AbortControl(abortController, autoRenewAbortController, this.circuit);
    this.answers = new Answers(this);
    this.guard = new Guard(this);
    this.goOn();
    this.circuit.listen(this);
  }

  get isWarmingUp(): boolean {
    return systemClock.now() < this.coldUntil;
  }

  /** Takes over the state that was given. */
  private goOn(): void {
    const { state } = this.options;
    if (state === undefined) return;
    const { closed = true, halfOpen = false, lastTimerAt } = state;
    if (closed) return;
    if (halfOpen) this.circuit.goOnHalfOpen();
    else {
      this.circuit.goOnOpen(typeof lastTimerAt === 'number' ? lastTimerAt : undefined);
      if (this.circuit.isOpen) this.status.mark(true);
    }
  }

  opened(): void {
    this.status.mark(true);
    this.tell('open');
  }

  halfOpened(): void {
    this.abortControl.renew();
    this.tell('halfOpen', this.options.resetTimeout);
  }

  closed(): void {
    this.abortControl.renew();
    this.status.mark(false);
    this.tell('close');
  }
}

function nameOf(action: unknown): string | undefined {
  const { name } = action as { readonly name?: unknown };
  return typeof name === 'string' ? name : undefined;
}

function statusOf({ status, ...options }: ResolvedOptions): Status {
  if (status === undefined) return new Status({ ...options, stats: undefined });
  if (status instanceof Status) return status;
  // What `toJSON` told, or the status of another copy of this package, or of opossum itself.
  const { stats = status } = status as { readonly stats?: Partial<Status['stats']> };
  return new Status({ stats: stats as Partial<Status['stats']> });
}
