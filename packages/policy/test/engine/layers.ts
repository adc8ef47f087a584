import {
  admitted,
  type Clock,
  type ClockTimer,
  type EnterVerdict,
  type ExitVerdict,
  held,
  LayeredPolicy,
  parked,
  pass,
  refused,
  type Run,
} from '@holdfast/policy';

/** Layers for tests of the engine: as small as the real ones can be thought of. */
abstract class TestLayer extends LayeredPolicy {
  readonly kind: string = 'test';
  enter(_run: Run, _at: number): EnterVerdict {
    return admitted;
  }
  success(_run: Run, _at: number): ExitVerdict {
    return pass;
  }
  failure(_run: Run, _at: number, _error: unknown): ExitVerdict {
    return pass;
  }
  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

interface Visit {
  cuts: number;
  ends: number;
}

/** Checks what the engine promises each layer: one end for each admission, and at most one cut before. */
export class Witness extends TestLayer {
  readonly broken: string[] = [];
  readonly log: string[] = [];
  open = 0;
  /** Called at each hook: a listener of the user's that does harm. */
  meddle: (hook: string) => void = () => undefined;

  override enter(run: Run, at: number): EnterVerdict {
    run.tickets[at] = { cuts: 0, ends: 0 } satisfies Visit;
    this.open++;
    this.note('enter');
    return admitted;
  }

  override success(run: Run, at: number): ExitVerdict {
    return this.end(run, at, 'success');
  }

  override failure(run: Run, at: number): ExitVerdict {
    return this.end(run, at, 'failure');
  }

  cut(run: Run, at: number): void {
    const visit = run.tickets[at] as Visit | undefined;
    if (visit === undefined) this.broken.push('a cut without an entry');
    else {
      if (visit.cuts > 0) this.broken.push('a second cut');
      if (visit.ends > 0) this.broken.push('a cut after the end');
      visit.cuts++;
    }
    this.note('cut');
  }

  private end(run: Run, at: number, hook: string): ExitVerdict {
    const visit = run.tickets[at] as Visit | undefined;
    if (visit === undefined) this.broken.push('an end without an entry');
    else {
      if (visit.ends > 0) this.broken.push('a second end');
      visit.ends++;
      this.open--;
    }
    this.note(hook);
    return pass;
  }

  private note(hook: string): void {
    this.log.push(hook);
    this.meddle(hook);
  }
}

interface Place {
  readonly run: Run;
  state: 'waiting' | 'granted';
}

/** Lets a number of calls in at a time and parks the others: a bulkhead. */
export class Gate extends TestLayer {
  active = 0;
  readonly queue: Place[] = [];
  meddle: (hook: string) => void = () => undefined;
  private readonly limit: number;
  private readonly maxQueued: number;

  constructor(limit: number, maxQueued: number = Number.POSITIVE_INFINITY) {
    super('gate');
    this.limit = limit;
    this.maxQueued = maxQueued;
  }

  override enter(run: Run, at: number): EnterVerdict {
    if (this.active < this.limit) {
      this.active++;
      return admitted;
    }
    if (this.queue.length >= this.maxQueued) {
      run.answer(false, new Error('full'));
      return refused;
    }
    const place: Place = { run, state: 'waiting' };
    run.tickets[at] = place;
    this.queue.push(place);
    this.meddle('queued');
    return parked;
  }

  woken(_run: Run): 0 | 2 {
    this.meddle('woken');
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const place = run.tickets[at] as Place;
    if (place.state === 'granted') this.release();
    else this.queue.splice(this.queue.indexOf(place), 1);
    this.meddle('unpark');
  }

  override success(run: Run, at: number): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else this.release();
    return pass;
  }

  override failure(run: Run, at: number): ExitVerdict {
    return this.success(run, at);
  }

  idle(): void {
    this.release();
  }

  private release(): void {
    this.active--;
    const next = this.queue.shift();
    if (next === undefined) return;
    this.active++;
    next.state = 'granted';
    next.run.resume();
  }
}

/** Tries again after a back-off. */
export class Again extends TestLayer {
  override readonly clock: Clock;
  waits = 0;
  meddle: (hook: string) => void = () => undefined;
  private readonly attempts: number;
  private readonly delayMs: number;

  constructor(clock: Clock, attempts: number, delayMs: number) {
    super('again');
    this.clock = clock;
    this.attempts = attempts;
    this.delayMs = delayMs;
  }

  override get reruns(): boolean {
    return true;
  }

  override failure(run: Run, at: number): ExitVerdict {
    if (run.isCut || run.callerGaveUp || run.attempt >= this.attempts) return pass;
    this.meddle('before');
    const next = run.again(at);
    this.waits++;
    next.tickets[at] = this.clock.setTimeout(() => next.resume(), this.delayMs);
    this.meddle('after');
    return held;
  }

  woken(): 0 {
    this.waits--;
    this.meddle('woken');
    return admitted;
  }

  unpark(run: Run, at: number): void {
    this.waits--;
    (run.tickets[at] as ClockTimer).cancel();
    this.meddle('unpark');
  }
}
