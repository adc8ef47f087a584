import {
  type BreakInfo,
  circuitBreaker,
  type CircuitBreaker,
  isCircuitIsolatedError,
  isCircuitOpenError,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import type { Outcome } from '@holdfast/policy';
import type { IBackoff, IBackoffFactory } from './backoff/backoff.ts';
import { ConstantBackoff } from './backoff/constant-backoff.ts';
import type { IBreaker } from './breaker/breaker.ts';
import { BreakerTrip } from './breaker/breaker-trip.ts';
import { CircuitState } from './circuit-state.ts';
import {
  BrokenCircuitError,
  cancelledBy,
  HydratingCircuitError,
  IsolatedCircuitError,
} from './errors.ts';
import type { Event, IDisposable } from './event.ts';
import { type Executor, FailedCall, isReasonOf, optionsOf, refuseAborted } from './executor.ts';
import { GuardedEmitter } from './guarded-emitter.ts';
import { type IHalfOpenSamplingOptions, samplingOf } from './half-open-sampling.ts';
import type {
  FailureReason,
  IDefaultPolicyContext,
  IFailureEvent,
  IPolicy,
  ISuccessEvent,
} from './i-policy.ts';
import { ownStateOf, reopen, type SerializedCircuit } from './serialized-circuit.ts';

/** What the back-off of a circuit breaker is asked with. */
export interface IHalfOpenAfterBackoffContext extends IDefaultPolicyContext {
  /** How often in a row the circuit has opened without closing in between, from 1 up. */
  attempt: number;
  /** The failure that opens it. */
  result: FailureReason<unknown>;
}

/** What a {@link CircuitBreakerPolicy} is told. */
export interface ICircuitBreakerOptions {
  /** When to open. */
  breaker: IBreaker;
  /** How long an open circuit lets no call in: milliseconds, or delays that may grow. */
  halfOpenAfter: number | IBackoffFactory<IHalfOpenAfterBackoffContext>;
  /**
   * How many calls probe whether to close.
   *
   * @default one call, which has to succeed
   */
  halfOpenSampling?: IHalfOpenSamplingOptions;
  /**
   * What {@link CircuitBreakerPolicy.toJSON} told, here or in cockatiel. A circuit that was isolated is
   * closed, since nobody has its handle any more.
   */
  initialState?: unknown;
}

/** What `onBreak` tells: the failure that opened the circuit, or that somebody isolated it. */
export type BreakEvent =
  | FailureReason<unknown>
  | {
      /** Always true. */
      isolated: true;
    };

const states = {
  closed: CircuitState.Closed,
  open: CircuitState.Open,
  'half-open': CircuitState.HalfOpen,
  isolated: CircuitState.Isolated,
} as const;

type Delay = IBackoff<IHalfOpenAfterBackoffContext>;

/** Which life of the circuit let a call in. */
interface Admission {
  readonly epoch: number;
}

/** A policy that stops calling what keeps failing, made of Holdfast's `circuitBreaker`. */
export class CircuitBreakerPolicy implements IPolicy {
  /** Never set. */
  declare readonly _altReturn: never;
  /** Tells that the circuit has opened, or was isolated. */
  readonly onBreak: Event<BreakEvent>;
  /** Tells that the circuit has closed. */
  readonly onReset: Event<void>;
  /** Tells that the circuit is half-open: a first probe is let in. */
  readonly onHalfOpen: Event<void>;
  /** Tells each new state, after the events above. */
  readonly onStateChange: Event<CircuitState>;
  private readonly breaks = new GuardedEmitter<BreakEvent>('onBreak');
  private readonly resets = new GuardedEmitter<void>('onReset');
  private readonly halfOpenings = new GuardedEmitter<void>('onHalfOpen');
  private readonly changes = new GuardedEmitter<CircuitState>('onStateChange');
  private readonly executor: Executor;
  private readonly breaker: IBreaker;
  private readonly trip: BreakerTrip;
  private readonly policy: CircuitBreaker;
  private readonly delays: IBackoffFactory<IHalfOpenAfterBackoffContext>;
  /** How many of the probes may fail. */
  private readonly bearable: number;
  /** The latest break. */
  private delay: Delay | undefined;
  private failure: FailureReason<unknown> | undefined;
  /** Counts the changes of the state. */
  private epoch = 0;
  private failedProbes = 0;

  /**
   * @throws `RangeError` naming the option that cannot be used.
   */
  constructor(options: ICircuitBreakerOptions, executor: Executor) {
    const { breaker, halfOpenAfter, halfOpenSampling, initialState } = options;
    const { calls, bearable } = samplingOf(halfOpenSampling);
    this.executor = executor;
    this.breaker = breaker;
    this.bearable = bearable;
    this.delays =
      typeof halfOpenAfter === 'number' ? new ConstantBackoff(halfOpenAfter) : halfOpenAfter;
    this.trip = new BreakerTrip(breaker);
    this.policy = circuitBreaker({
      name: 'cockatiel',
      trip: this.trip,
      isFailure: (outcome) => this.judge(outcome),
      halfOpenAfterMs: (info) => this.breakFor(info),
      halfOpenCalls: calls,
      whenProbing: waitForProbe({ maxQueued: Number.POSITIVE_INFINITY }),
    });
    this.onBreak = this.breaks.addListener;
    this.onReset = this.resets.addListener;
    this.onHalfOpen = this.halfOpenings.addListener;
    this.onStateChange = this.changes.addListener;
    if (initialState) this.restore(initialState as SerializedCircuit);
    this.tellChanges();
  }

  /** Tells each call that succeeded. */
  get onSuccess(): Event<ISuccessEvent> {
    return this.executor.onSuccess;
  }

  /** Tells each call that failed; a call that was not let in has not. */
  get onFailure(): Event<IFailureEvent> {
    return this.executor.onFailure;
  }

  /** The state of the circuit. */
  get state(): CircuitState {
    return states[this.policy.state];
  }

  /** The latest failure that counted. */
  get lastFailure(): FailureReason<unknown> | undefined {
    return this.failure;
  }

  /** Holds the circuit open until each of the handles that this returns has been disposed of. */
  isolate(): IDisposable {
    const isolation = this.policy.isolate();
    const dispose = (): void => {
      this.trip.keepsCounts = true;
      isolation.release();
      this.trip.keepsCounts = false;
    };
    return { dispose };
  }

  /**
   * Calls the function if the circuit lets it in. While probes are under way it waits for what they
   * decide, until its caller gives up.
   *
   * @throws {@link BrokenCircuitError} when the circuit is open; {@link IsolatedCircuitError} when it is
   * held open; {@link TaskCancelledError} when the caller gave up before the function was called.
   */
  async execute<T>(
    fn: (context: IDefaultPolicyContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T> {
    refuseAborted(signal);
    try {
      return await this.policy.execute((context) => {
        const own = signal ?? context.signal;
        const memory: Admission = { epoch: this.epoch };
        return this.executor.invoke(() => fn({ signal: own }), { signal: own, memory });
      }, optionsOf(signal));
    } catch (error) {
      if (error instanceof FailedCall) return error.answer() as T;
      if (isCircuitIsolatedError(error)) throw new IsolatedCircuitError();
      if (isCircuitOpenError(error)) throw new BrokenCircuitError();
      if (isReasonOf(signal, error)) throw cancelledBy(signal);
      throw error;
    }
  }

  /** Tells the state as data for JSON, for `initialState` of another breaker, here or in cockatiel. */
  toJSON(): unknown {
    const written: SerializedCircuit = {
      ownState: ownStateOf(this.policy),
      breakerState: this.breaker.state,
    };
    return written;
  }

  /** What the breaker of ours is to think of a call; it does not ask about a caller who gave up. */
  private judge(outcome: Outcome<unknown>): boolean | 'ignore' {
    if (outcome.ok) return false;
    const { error: failed } = outcome;
    if (!(failed instanceof FailedCall) || !failed.handled) return 'ignore';
    this.failure = failed.reason;
    if (this.policy.state !== 'half-open') return true;
    const { epoch } = failed.call.memory as Admission;
    // A call of an earlier life says nothing about this one: whatever the answer, it does not count.
    if (epoch !== this.epoch) return 'ignore';
    this.failedProbes++;
    return this.failedProbes > this.bearable;
  }

  /** For how long the circuit opens now. */
  private breakFor({ openings, outcome }: BreakInfo): number {
    if (this.policy.state === 'half-open') this.trip.failed(CircuitState.HalfOpen);
    const failed = outcome?.ok === false ? outcome.error : undefined;
    const { reason, call } =
      failed instanceof FailedCall ? failed : { reason: undefined, call: undefined };
    const result = reason ?? this.failure ?? { error: undefined };
    const signal = call?.signal ?? new AbortController().signal;
    const before = openings === 1 ? this.delays : (this.delay ?? this.delays);
    this.delay = before.next({ attempt: openings, result, signal });
    return millisecondsOf(this.delay);
  }

  private tellChanges(): void {
    const { policy } = this;
    policy.on('opened', ({ outcome }) => {
      const failed = outcome?.ok === false ? outcome.error : undefined;
      const reason = failed instanceof FailedCall ? failed.reason : this.failure;
      this.changed(() => this.breaks.emit(reason ?? { error: undefined }));
    });
    policy.on('half-opened', () => this.changed(() => this.halfOpenings.emit()));
    policy.on('closed', () => this.changed(() => this.resets.emit()));
    policy.on('isolated', ({ isolations }) => {
      if (isolations === 1) this.changed(() => this.breaks.emit({ isolated: true }));
    });
  }

  private changed(tell: () => void): void {
    const { state } = this;
    this.epoch++;
    this.failedProbes = 0;
    tell();
    this.changes.emit(state);
  }

  private restore({ ownState, breakerState }: SerializedCircuit): void {
    this.breaker.state = breakerState;
    if (ownState.value !== CircuitState.Open && ownState.value !== CircuitState.HalfOpen) return;
    const result = { error: new HydratingCircuitError() };
    this.failure = result;
    const { signal } = new AbortController();
    let delay = this.delays.next({ attempt: 1, result, signal });
    for (let attempt = 2; attempt <= ownState.attemptNo; attempt++) {
      delay = delay.next({ attempt, result, signal });
    }
    this.delay = delay;
    reopen(this.policy, ownState, millisecondsOf(delay));
  }
}

function millisecondsOf({ duration }: Delay): number {
  return duration > 0 ? Math.min(duration, Number.MAX_SAFE_INTEGER) : 0;
}
