import {
  admitted,
  type Clock,
  discard,
  type EnterVerdict,
  type ExitVerdict,
  held,
  LayeredPolicy,
  type Outcome,
  parked,
  pass,
  refused,
  replaced,
  type Run,
  systemClock,
} from '@holdfast/policy';
import type { BlastRadius } from './blast-radius.ts';
import type { Chaos } from './chaos.ts';
import { type ChaosEvents, type SparedReason, topics } from './events.ts';
import type { AnyInjection, Script } from './injection.ts';
import { type ChaosOptions, partsOf } from './options.ts';
import { freshSeed, seededStream } from './random.ts';
import type { Decide } from './schedule.ts';
import { sequence } from './sequence.ts';
import { type Striker, StruckRun } from './struck-run.ts';
import { type Disturber, type SwitchState, switchState } from './switch.ts';

/** A schedule or a predicate, which may answer anything. */
type Asked = (...context: Parameters<Decide>) => unknown;

/** Strikes calls, and plays their scripts. */
export class ChaosPolicy
  extends LayeredPolicy<unknown, never, ChaosEvents>
  implements Chaos<unknown, never>, Disturber, Striker
{
  override readonly clock: Clock;
  readonly kind: string = 'chaos';
  readonly seed: number | undefined;
  isEnabled: boolean;
  injected = 0;
  /** For what closes a lost value: by its own means. */
  readonly dispose: undefined = undefined;
  private readonly injections: readonly AnyInjection[];
  private readonly why: string;
  private readonly deciders: readonly Asked[];
  private readonly random: () => number;
  private readonly radius: BlastRadius | undefined;
  private readonly switch: SwitchState = switchState();
  private readonly struck = new Set<StruckRun>();
  private calls = 0;
  private readonly mayAbort: boolean;
  private readonly givenSeed: number | undefined;
  /** Some of it happens when the operation has settled. */
  private readonly isLate: boolean;

  constructor(options: ChaosOptions) {
    super(options.name ?? 'chaos');
    const { random, clock = systemClock, enabled = true } = options;
    this.clock = clock;
    this.seed = random === undefined ? (options.seed ?? freshSeed()) : undefined;
    this.givenSeed = options.seed;
    this.isEnabled = enabled;
    this.injections = sequence('inject', options.inject);
    this.mayAbort = this.injections.some(({ aborts }) => aborts);
    this.isLate = this.injections.some(({ place }) => place !== 'before');
    this.radius = options.blastRadius;
    const stream = (number: number): (() => number) =>
      random ?? seededStream(this.seed ?? 0, number);
    this.random = stream(0);
    const parts = partsOf(options.when);
    this.why = parts.map((part) => ('kind' in part ? part.kind : 'predicate')).join(' and ');
    this.deciders = parts.map((part, i) =>
      typeof part === 'function' ? part : part.start({ random: stream(i + 1), clock }),
    );
  }

  override get aborts(): boolean {
    return this.mayAbort;
  }

  /** What the user's functions make after the operation is made in the async context of the caller. */
  override get reruns(): boolean {
    return this.isLate;
  }

  get active(): number {
    return this.struck.size;
  }

  enable(): void {
    this.isEnabled = true;
  }

  disable(): void {
    this.isEnabled = false;
    this.calm();
  }

  calm(): void {
    const struck = [...this.struck];
    for (const call of struck) {
      if (call.calm()) this.tellSpared('switched-off', call.run, call);
      if (call.stage === 'running') this.end(call);
    }
  }

  // --- Inwards ------------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    return this.isEnabled && this.switch.isOn ? this.consider(run, at) : admitted;
  }

  private consider(run: Run, at: number): EnterVerdict {
    let script: Script | undefined;
    this.calls++;
    this.radius?.called();
    try {
      script = this.scriptFor(run);
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    return script === undefined ? admitted : this.strike(run, at, script);
  }

  /** What is to happen to this call; undefined when it is not struck. */
  private scriptFor(run: Run): Script | undefined {
    for (const decide of this.deciders) if (decide(run) !== true) return undefined;
    const script: Script = { kinds: [], delaysMs: [], before: [], after: [] };
    // Written for those who are spared as well: what they draw is drawn in any case.
    for (const injection of this.injections) injection.write(script, run, this.random);
    return script;
  }

  private strike(run: Run, at: number, script: Script): EnterVerdict {
    const number = this.calls;
    const { kinds } = script;
    const limit = this.radius?.tryStrike(this.clock);
    if (limit !== undefined) {
      this.tellSpared(limit, run, { number, kinds });
      return admitted;
    }
    const call = new StruckRun(this, { run, at, number, script });
    run.tickets[at] = call;
    this.injected++;
    if (this.struck.size === 0) this.switch.disturbers.add(this);
    this.struck.add(call);
    if (this.isHeard(topics.injected)) this.tellInjected(call, script);
    return call.advance() ? this.entered(run, call) : parked;
  }

  /** The steps before the operation have been taken. */
  private entered(run: Run, call: StruckRun): typeof admitted | typeof refused {
    const { outcome } = call;
    if (outcome !== undefined) {
      this.end(call);
      // Also where the caller has given up in one of the user's functions.
      if (run.callerGaveUp) run.answer(false, run.options?.signal?.reason);
      else run.answer(outcome.ok, outcome.ok ? outcome.value : outcome.error);
      return refused;
    }
    if (call.isUnfinished) call.stage = 'running';
    else this.end(call);
    return admitted;
  }

  woken(run: Run, at: number): 0 | 2 {
    return this.entered(run, run.tickets[at] as StruckRun);
  }

  // --- Outwards -----------------------------------------------------------------------------------

  success(run: Run, at: number, value: unknown): ExitVerdict {
    const call = run.tickets[at] as StruckRun | undefined;
    return call === undefined ? pass : this.leave(run, call, { ok: true, value });
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    const call = run.tickets[at] as StruckRun | undefined;
    return call === undefined ? pass : this.leave(run, call, { ok: false, error });
  }

  private leave(run: Run, call: StruckRun, outcome: Outcome<unknown>): ExitVerdict {
    if (run.callerGaveUp) return this.giveUp(run, call, outcome);
    if (!call.advanceAfter(outcome)) return held;
    const final = call.outcome;
    this.end(call);
    if (final === outcome || final === undefined) return pass;
    run.answer(final.ok, final.ok ? final.value : final.error);
    return replaced;
  }

  /** The caller's abort wins, also over one that chaos has made before it. */
  private giveUp(run: Run, call: StruckRun, outcome: Outcome<unknown>): ExitVerdict {
    this.end(call);
    const isOurs = call.hasAborted && !outcome.ok && outcome.error === run.signal.reason;
    if (!isOurs) return pass;
    run.answer(false, run.options?.signal?.reason);
    return replaced;
  }

  arrived(call: StruckRun): void {
    const { run, at, outcome } = call;
    if (call.stage === 'before' || outcome === undefined) run.resume();
    else {
      this.end(call);
      run.settle(at, outcome.ok, outcome.ok ? outcome.value : outcome.error);
    }
  }

  lose(value: unknown): void {
    discard(value, this);
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as StruckRun | undefined;
    if (call === undefined) return;
    this.end(call);
    if (call.stage === 'after' && call.outcome?.ok) this.lose(call.outcome.value);
  }

  cut(run: Run, at: number): void {
    const call = run.tickets[at] as StruckRun | undefined;
    if (call !== undefined) this.end(call);
  }

  moved(run: Run, at: number): void {
    const call = run.tickets[at] as StruckRun | undefined;
    if (call !== undefined) call.run = run;
  }

  private end(call: StruckRun): void {
    if (call.isOver) return;
    call.close();
    call.run.tickets[call.at] = undefined;
    this.radius?.ended();
    this.struck.delete(call);
    if (this.struck.size === 0) this.switch.disturbers.delete(this);
  }

  // --- What it tells ------------------------------------------------------------------------------

  private tellInjected(call: StruckRun, { delaysMs }: Script): void {
    const { number, kinds, run } = call;
    const delayMs = delaysMs.reduce((sum, each) => sum + each, 0);
    const { why, seed } = this;
    const { attempt } = run;
    this.tell(topics.injected, { call: number, attempt, injections: kinds, why, delayMs, seed });
  }

  private tellSpared(
    reason: SparedReason,
    { attempt }: Run,
    { number, kinds }: Pick<StruckRun, 'number' | 'kinds'>,
  ): void {
    if (!this.isHeard(topics.spared)) return;
    this.tell(topics.spared, { call: number, attempt, injections: kinds, reason });
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { givenSeed, why, radius, isEnabled } = this;
    return {
      inject: this.injections.map(({ kind }) => kind),
      when: why,
      ...(givenSeed === undefined ? {} : { seed: givenSeed }),
      enabled: isEnabled,
      ...(radius === undefined ? {} : { blastRadius: radius.described }),
    };
  }
}
