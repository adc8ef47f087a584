import type { CircuitMode } from '@holdfast/circuit-breaker';

export type End = 'success' | 'failure' | 'ignored';

/** Tells the model how a call has ended that it let in. */
export type Tell = (end: End, at: number) => void;

/** Which extras a breaker has. */
export interface Abilities {
  readonly waits: boolean;
  readonly ramps: boolean;
}

// The fractions keep the ends of probes and of timeouts apart: no two of them fall on one instant.
export const breakMs = 100;
export const probeTimeoutMs = 150.5;
export const timeoutMs = 1_000.25;
export const windowMs = 200;
export const size = 6;
export const maxQueued = 3;
export const rampMs = 160;
export const initialShare = 0.25;

interface Waiting {
  readonly who: object;
  readonly wake: (verdict: Tell | 'refused' | undefined) => void;
}

/** What the model keeps for a snapshot. */
export type Saved = Pick<Model, 'state' | 'until' | 'openings' | 'results'>;

/** A breaker written down naively: it keeps every result, and recounts all of them each time. */
export class Model {
  state = 'closed';
  mode: CircuitMode = 'enforce';
  isolations = 0;
  calls = 2;
  failures = 3;
  rejected = 0;
  openings = 0;
  until = 0;
  openedAt = 0;
  /** One object per period: what it admitted belongs to it alone. */
  period: object = {};
  results: { at: number; isFailure: boolean }[] = [];
  /** The probes of this half-open period that have a permit, and how they ended. */
  probes: { end: End | undefined }[] = [];
  /** When the ramp began, and the shares of the calls that came since. */
  ramp: { readonly at: number; sum: number; admitted: number } | undefined;
  waiting: Waiting[] = [];
  private readonly able: Abilities;

  constructor(able: Abilities) {
    this.able = able;
  }

  enterState(state: string): void {
    this.state = state;
    this.period = {};
    this.probes = [];
    this.ramp = undefined;
    if (state === 'closed' || state === 'isolated') this.openings = 0;
    if (state === 'closed') this.results = [];
  }

  private get isProbing(): boolean {
    return this.state === 'half-open' && this.ramp === undefined && this.mode === 'enforce';
  }

  /** How a call that is let in settles later, undefined if it does not count; or why it does not. */
  admit(now: number, mayWait: boolean): Tell | 'refused' | 'wait' | undefined {
    if (this.mode === 'disabled') return undefined;
    if (this.ramp !== undefined && this.share(now) === 1) {
      this.state = 'closed';
      this.openings = 0;
      this.ramp = undefined;
    }
    if (this.state === 'open' && now >= this.until) this.enterState('half-open');
    if (this.state === 'closed' || this.isPaced(now)) return this.settler(undefined);
    if (this.state === 'half-open' && this.ramp === undefined) {
      if (this.probes.length < this.calls) return this.probe(now);
      if (now >= this.until) this.open(now);
    }
    const { able, isProbing, waiting } = this;
    if (able.waits && mayWait && isProbing && waiting.length < maxQueued) return 'wait';
    this.rejected++;
    return this.mode === 'shadow' ? undefined : 'refused';
  }

  private probe(now: number): Tell {
    const probe = { end: undefined };
    this.probes.push(probe);
    this.until = now + probeTimeoutMs;
    return this.settler(probe);
  }

  /** Whether so many calls as the sum of the shares says have gone, and this is the next. */
  private isPaced(now: number): boolean {
    const { ramp } = this;
    if (ramp === undefined) return false;
    ramp.sum += this.share(now) ?? 0;
    if (Math.floor(ramp.sum + 1 - initialShare + 1e-9) <= ramp.admitted) return false;
    ramp.admitted++;
    return true;
  }

  share(now: number): number | undefined {
    if (this.ramp === undefined) return undefined;
    return Math.min(1, initialShare + (1 - initialShare) * ((now - this.ramp.at) / rampMs));
  }

  private settler(probe: { end: End | undefined } | undefined): Tell {
    const { period } = this;
    return (result, at) => {
      if (this.period !== period) return;
      if (probe === undefined) this.count(result, at);
      else {
        probe.end = result;
        this.probes = this.probes.filter((each) => each.end !== 'ignored');
        this.decide(at);
      }
    };
  }

  private count(result: End, at: number): void {
    if (result === 'ignored') return;
    this.results.push({ at, isFailure: result === 'failure' });
    if (result !== 'failure') return;
    const ofLast = this.results.slice(-size).filter(({ isFailure }) => isFailure).length;
    const part = (time: number): number => Math.floor(time / (windowMs / 10));
    const inWindow = this.results.filter(
      (each) => each.isFailure && part(each.at) > part(at) - 10,
    ).length;
    if (ofLast >= this.failures || inWindow >= this.failures - 1) this.open(at);
  }

  decide(now: number): void {
    if (this.state !== 'half-open' || this.ramp !== undefined) return;
    const succeeded = this.probes.filter((probe) => probe.end === 'success').length;
    const failed = this.probes.filter((probe) => probe.end === 'failure').length;
    if (failed > 0) this.open(now);
    else if (succeeded >= this.calls && this.able.ramps) {
      this.enterState('half-open');
      this.results = [];
      this.ramp = { at: now, sum: 0, admitted: 0 };
    } else if (succeeded >= this.calls) this.enterState('closed');
  }

  private open(now: number): void {
    this.enterState('open');
    this.openings++;
    this.openedAt = now;
    this.until = now + breakMs;
  }

  setMode(mode: CircuitMode): void {
    if (mode === 'disabled' && this.mode !== 'disabled') {
      this.period = {};
      if (this.state === 'half-open') {
        this.state = 'open';
        this.until = this.openedAt;
        this.probes = [];
        this.ramp = undefined;
      }
    }
    this.mode = mode;
  }

  reset(): void {
    if (this.state === 'closed') this.results = [];
    else if (this.state !== 'isolated') this.enterState('closed');
  }

  isolate(): void {
    this.isolations++;
    if (this.state !== 'isolated') this.enterState('isolated');
  }

  release(): void {
    this.isolations--;
    if (this.isolations === 0) this.enterState('closed');
  }

  // --- Waiting for the probes -----------------------------------------------------------------------

  wait(who: object, wake: Waiting['wake']): void {
    this.waiting.push({ who, wake });
  }

  leave(who: object): void {
    this.waiting = this.waiting.filter((each) => each.who !== who);
  }

  /** Hands out the permits that there are, or decides on all if there is nothing to wait for. */
  settleWaiting(now: number): void {
    while (this.waiting.length > 0) {
      const { isProbing } = this;
      if (isProbing && this.probes.length >= this.calls) return;
      const [first, ...others] = this.waiting as [Waiting, ...Waiting[]];
      this.waiting = others;
      if (isProbing) first.wake(this.probe(now));
      else this.decideOnAll([first, ...others], now);
    }
  }

  private decideOnAll(all: readonly Waiting[], now: number): void {
    this.waiting = [];
    for (const { wake } of all) wake(this.admit(now, false) as Tell | 'refused' | undefined);
  }

  /** When the circuit opens by itself, for want of an end of the probes. */
  hangsAt(): number {
    return this.waiting.length > 0 ? this.until : Number.POSITIVE_INFINITY;
  }

  hang(now: number): void {
    this.open(now);
  }

  // --- Snapshots --------------------------------------------------------------------------------------

  save(): Saved {
    const { state, until, openings, results } = this;
    return { state, until, openings, results: [...results] };
  }

  restore(saved: Saved): void {
    if (this.state === 'isolated') return;
    const isOpen = saved.state === 'open' || saved.state === 'half-open';
    this.enterState(isOpen ? 'open' : 'closed');
    if (saved.state === 'closed') this.results = [...saved.results];
    if (!isOpen) return;
    this.openings = saved.openings;
    this.until = saved.state === 'open' ? saved.until : Number.NEGATIVE_INFINITY;
    this.openedAt = Number.NEGATIVE_INFINITY;
  }
}
