import type { CircuitPermit } from '@holdfast/circuit-breaker';
import { type Outcome, systemClock, withoutStack } from '@holdfast/policy';
import { BreakerTimeoutError, SemaphoreLockedError } from './errors.ts';
import type { Guard } from './guard.ts';

/** How a call has ended, for those who share or keep its answer; undefined if there was no place. */
type CallEnd = 'success' | 'error' | 'timeout' | undefined;

/** Hears how a call goes. */
export interface CallEnds {
  /** The circuit has let the call in. */
  begun(): void;
  ended(end: CallEnd): void;
  /** The action has succeeded; this is its own promise. */
  succeeded(work: Promise<unknown>): void;
}

/** A call that the circuit has let in. */
export interface AdmittedCall {
  readonly context: unknown;
  readonly args: unknown[];
  readonly permit: CircuitPermit;
  readonly ends: CallEnds | undefined;
}

/** One call of the action, from the circuit's permit to the answer. */
export class Attempt {
  private readonly guard: Guard;
  private readonly call: AdmittedCall;
  private readonly answer: PromiseWithResolvers<unknown> = Promise.withResolvers();
  private readonly beganAt: number = systemClock.now();
  private release: () => void = () => undefined;
  private work: Promise<unknown> | undefined;
  private thrown: { readonly error: unknown } | undefined;
  private hasEnded = false;

  constructor(guard: Guard, call: AdmittedCall) {
    this.guard = guard;
    this.call = call;
  }

  run(): Promise<unknown> {
    this.call.ends?.begun();
    const release = this.guard.takePlace();
    if (release === undefined) this.lock();
    else {
      this.release = release;
      this.begin();
    }
    return this.answer.promise;
  }

  private get latencyMs(): number {
    return Math.round(systemClock.now() - this.beganAt);
  }

  /** There is no place. That says nothing about what is called, so the circuit does not hear of it. */
  private lock(): void {
    const { name, circuit, status, tell } = this.guard.parts;
    const error = withoutStack(() => new SemaphoreLockedError({ policy: name }));
    circuit.giveBack(this.call.permit);
    status.count('semaphoreRejections');
    tell('semaphoreLocked', error, this.latencyMs);
    this.fail(error, this.latencyMs);
    this.call.ends?.ended(undefined);
  }

  private begin(): void {
    const { timeout } = this.guard;
    const outcome =
      timeout === undefined
        ? outcomeOf(this.callAction())
        : timeout.outcome(() => this.callAction());
    // An action that throws at once fails at once.
    if (this.thrown !== undefined) this.failed(this.thrown.error);
    else void outcome.then((ended) => this.settle(ended));
  }

  private callAction(): Promise<unknown> {
    const { context, args } = this.call;
    try {
      this.work = Promise.resolve(Reflect.apply(this.guard.parts.action, context, args));
    } catch (error) {
      this.thrown = { error };
      return Promise.resolve();
    }
    const end = (): void => {
      this.hasEnded = true;
    };
    this.work.then(end, end);
    return this.work;
  }

  private settle(outcome: Outcome<unknown>): void {
    if (outcome.ok) this.succeed(outcome.value);
    else if (this.hasEnded) this.failed(outcome.error);
    else this.expire();
  }

  private succeed(value: unknown): void {
    const { status, tell } = this.guard.parts;
    const { latencyMs } = this;
    status.count('successes', latencyMs);
    this.call.permit.succeed();
    tell('success', value, latencyMs);
    this.call.ends?.ended('success');
    this.release();
    this.answer.resolve(value);
    this.call.ends?.succeeded(this.work as Promise<unknown>);
  }

  private failed(error: unknown): void {
    this.release();
    this.fail(error, this.latencyMs);
    this.call.ends?.ended('error');
  }

  /** The time is over. The place is held until the action has really ended. */
  private expire(): void {
    const { name, options, status, tell, abortControl } = this.guard.parts;
    const error = new BreakerTimeoutError(options.timeout, { policy: name });
    const { latencyMs } = this;
    this.work?.then(this.release, this.release);
    status.count('timeouts', latencyMs);
    tell('timeout', error, latencyMs, this.call.args);
    this.fail(error, latencyMs);
    this.call.ends?.ended('timeout');
    abortControl.abort();
  }

  private fail(error: unknown, latencyMs: number): void {
    const { args, permit } = this.call;
    const { options, status, tell } = this.guard.parts;
    let isFiltered: unknown;
    try {
      isFiltered = options.errorFilter?.(error, ...args);
    } catch (thrown) {
      permit.ignore();
      this.answer.reject(thrown);
      return;
    }
    if (isFiltered) {
      status.count('successes', latencyMs);
      permit.succeed();
      tell('success', error, latencyMs);
      this.answer.reject(error);
      return;
    }
    status.count('failures', latencyMs);
    if (!(error instanceof SemaphoreLockedError)) status.blame();
    tell('failure', error, latencyMs, args);
    permit.fail(error);
    const instead = this.guard.fallBack(error, args);
    if (instead === undefined) this.answer.reject(error);
    else this.answer.resolve(instead);
  }
}

function outcomeOf(work: Promise<unknown>): Promise<Outcome<unknown>> {
  return work.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}
