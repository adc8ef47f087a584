import { type Clock, type ClockTimer, isStale, systemClock } from '../clock.ts';
import type { AnyPolicy } from '../compose.ts';
import type { PolicyEvent } from '../events.ts';
import { type EnterVerdict, type ExitVerdict, pass, refused } from '../layer.ts';
import { LayeredPolicy } from '../layered-policy.ts';
import { invalidOption } from '../options.ts';
import type { Run } from '../run.ts';
import { topics } from './events.ts';
import { type KeyedAudience, KeyEntry } from './key-entry.ts';
import { KeyRegistry } from './key-registry.ts';
import type { KeyedOptions } from './options.ts';

const defaultMaxKeys = 10_000;
const defaultIdleMs = 600_000;

/** Puts the layers of a key's policy inside itself, for each call those of its own key. */
export class KeyedPolicy extends LayeredPolicy<unknown> implements KeyedAudience {
  override readonly clock: Clock;
  readonly kind: string = 'keyed';
  private readonly makePolicy: (key: never) => AnyPolicy;
  private readonly keyOf: KeyedOptions['key'];
  private readonly maxKeys: number;
  private readonly idleMs: number;
  private readonly entries: KeyRegistry;
  private timer: ClockTimer | undefined = undefined;
  /** What the policies of the keys can do, as far as any has been made. */
  private canDetach = false;
  private canAbort = false;

  constructor(makePolicy: (key: never) => AnyPolicy, options: KeyedOptions) {
    super(options.name ?? 'keyed');
    this.clock = options.clock ?? systemClock;
    this.makePolicy = makePolicy;
    this.keyOf = options.key;
    this.maxKeys = options.maxKeys ?? defaultMaxKeys;
    this.idleMs = options.idleMs ?? defaultIdleMs;
    this.entries = new KeyRegistry(this.maxKeys, this.idleMs, ({ key }, reason) => {
      if (!this.isHeard(topics.forgotten)) return;
      this.tell(topics.forgotten, { key, reason, size: this.entries.size });
    });
  }

  override get detaches(): boolean {
    return this.canDetach;
  }

  override get aborts(): boolean {
    return this.canAbort;
  }

  mattersForMs(): number {
    return this.entries.mattersForMs();
  }

  // --- Calls --------------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    let entry: KeyEntry;
    try {
      entry = this.hold(checkedKey(this.keyOf(run)));
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    run.tickets[at] = entry;
    return run.expand(at, entry.expansion);
  }

  success(run: Run, at: number): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else this.idle(run, at);
    return pass;
  }

  failure(run: Run, at: number): ExitVerdict {
    return this.success(run, at);
  }

  idle(run: Run, at: number): void {
    this.release(run.tickets[at] as KeyEntry, this.expires ? run.endTime(this.clock) : 0);
  }

  // --- Keys ---------------------------------------------------------------------------------------

  private get expires(): boolean {
    return this.idleMs !== Number.POSITIVE_INFINITY;
  }

  private hold(key: string | undefined): KeyEntry {
    const entry = this.entries.get(key);
    if (entry === undefined) return this.make(key);
    this.entries.hold(entry);
    return entry;
  }

  private make(key: string | undefined): KeyEntry {
    const policy = this.makePolicy(key as never);
    if (!Array.isArray(policy?.layers)) {
      throw invalidOption('makePolicy', 'a function that returns a policy', policy, TypeError);
    }
    const now = this.clock.now();
    this.sweep(now);
    this.entries.reserve(now);
    // `makePolicy`, or a listener, may have called for the same key.
    const meanwhile = this.entries.get(key);
    if (meanwhile !== undefined) {
      this.entries.hold(meanwhile);
      return meanwhile;
    }
    const entry = new KeyEntry(key, policy, this);
    this.canDetach ||= policy.layers.some((layer) => layer.detaches);
    this.canAbort ||= policy.layers.some((layer) => layer.aborts);
    this.entries.add(entry);
    if (this.entries.isOverfull && this.isHeard(topics.crowded)) {
      this.tell(topics.crowded, { key, size: this.entries.size });
    }
    return entry;
  }

  private release(entry: KeyEntry, now: number): void {
    this.entries.release(entry, now);
    if (this.timer === undefined) this.arm(this.idleMs);
  }

  /** One timer for all keys, which does not keep the process alive. */
  private arm(delayMs: number): void {
    if (!this.expires) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      const now = this.clock.now();
      this.entries.sweep(now);
      const due = this.entries.nextDue();
      if (due !== undefined) this.arm(Math.max(1, due - now));
    }, delayMs);
    this.timer.unref();
  }

  /** The timer may be late, or have been armed by fake timers that are gone. */
  private sweep(now: number): void {
    if (!this.expires) return;
    if (this.timer !== undefined && isStale(this.timer)) this.timer = undefined;
    this.entries.sweep(now);
  }

  // --- By hand ------------------------------------------------------------------------------------

  get size(): number {
    return this.entries.size;
  }

  get(key: string | undefined): AnyPolicy {
    const entry = this.hold(checkedKey(key));
    this.entries.rest(entry, this.clock.now());
    if (this.timer === undefined) this.arm(this.idleMs);
    return entry.policy;
  }

  /** The policy of any key, for whoever wants to know what they are like; undefined before there is one. */
  sample(): AnyPolicy | undefined {
    return this.entries.any()?.policy;
  }

  has(key: string | undefined): boolean {
    return this.entries.has(key);
  }

  keys(): IterableIterator<string | undefined> {
    return this.entries.keys();
  }

  delete(key: string | undefined): boolean {
    return this.entries.delete(key);
  }

  // --- Events -------------------------------------------------------------------------------------

  get isListenedTo(): boolean {
    return this.hasListeners;
  }

  /** Tells what the policy of a key has told. */
  forward(event: PolicyEvent): void {
    this.tellListeners(event);
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { maxKeys: this.maxKeys, idleMs: this.idleMs };
  }
}

function checkedKey(key: unknown): string | undefined {
  if (key === undefined || typeof key === 'string') return key;
  throw invalidOption('key', 'a string or undefined', key, TypeError);
}
