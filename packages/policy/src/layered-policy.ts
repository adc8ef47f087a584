import type { Clock } from './clock.ts';
import { Plan } from './engine/plan.ts';
import type { Run } from './run.ts';
import { start } from './engine/start.ts';
import type { EventListener, EventOwner, PolicyEvent, Topic, Unsubscribe } from './events.ts';
import { Listeners } from './events.ts';
import type { EnterVerdict, ExitVerdict, Layer, LayerDescription } from './layer.ts';
import type { Outcome } from './outcome.ts';
import type {
  ExecuteOptions,
  Operation,
  Policy,
  PolicyDescription,
  PolicyTypes,
} from './policy.ts';

/** What every policy can do with its layers. */
abstract class Executable<Alternative, Accepts, Events>
  implements Policy<Alternative, Accepts, Events>
{
  declare readonly types?: PolicyTypes<Alternative, Accepts, Events> | undefined;
  abstract readonly name: string;
  abstract readonly layers: readonly Layer[];
  declare private plan: Plan | undefined;

  constructor() {
    this.plan = undefined;
  }

  private compiled(): Plan {
    this.plan = new Plan(this.layers);
    return this.plan;
  }

  execute<T extends Accepts>(
    operation: Operation<T>,
    options?: ExecuteOptions,
  ): Promise<T | Alternative> {
    const plan = this.plan ?? this.compiled();
    return start(plan, operation, options, false) as Promise<T | Alternative>;
  }

  outcome<T extends Accepts>(
    operation: Operation<T>,
    options?: ExecuteOptions,
  ): Promise<Outcome<T | Alternative>> {
    const plan = this.plan ?? this.compiled();
    return start(plan, operation, options, true) as Promise<Outcome<T | Alternative>>;
  }

  wrap<This, Args extends unknown[], T extends Accepts>(
    fn: (this: This, ...args: Args) => T | PromiseLike<T>,
  ): (this: This, ...args: Args) => Promise<T | Alternative> {
    if (typeof fn !== 'function') {
      throw new TypeError(`Expected wrap to get a function, got ${typeof fn}.`);
    }
    const execute = (operation: Operation<T>): Promise<T | Alternative> => this.execute(operation);
    return function wrapped(this: This, ...args: Args): Promise<T | Alternative> {
      return execute(() => fn.apply(this, args));
    };
  }

  describe(): PolicyDescription {
    return { name: this.name, layers: this.layers.map((layer) => layer.describeLayer()) };
  }
}

/**
 * The base of a policy that is one {@link Layer}: it adds `execute` and its kin to the hooks. For
 * whoever writes a policy; users get interfaces.
 */
export abstract class LayeredPolicy<Alternative = never, Accepts = unknown, Events = unknown>
  extends Executable<Alternative, Accepts, Events>
  implements Layer
{
  abstract readonly kind: string;
  readonly name: string;
  declare readonly clock?: Clock | undefined;
  declare private listeners: Listeners | undefined;
  declare private owner: EventOwner | undefined;

  constructor(name: string) {
    super();
    this.name = name;
    this.listeners = undefined;
    this.owner = undefined;
  }

  /** This policy is its own only layer. */
  get layers(): readonly Layer[] {
    return [this];
  }

  get detaches(): boolean {
    return false;
  }

  get aborts(): boolean {
    return false;
  }

  get reruns(): boolean {
    return false;
  }

  get isReactive(): boolean {
    return false;
  }

  abstract enter(run: Run, at: number): EnterVerdict;
  abstract success(run: Run, at: number, value: unknown): ExitVerdict;
  abstract failure(run: Run, at: number, error: unknown): ExitVerdict;

  /** The options that `describe()` tells. */
  protected abstract described(): Readonly<Record<string, unknown>>;

  describeLayer(): LayerDescription {
    return { kind: this.kind, name: this.name, options: this.described() };
  }

  on(event: string, listener: EventListener): Unsubscribe {
    this.listeners ??= new Listeners();
    return this.listeners.add(event, listener);
  }

  /** From now on the events are those of `owner` as well, and tell its key. */
  belongTo(owner: EventOwner): void {
    this.owner = owner;
  }

  /** Whether there are any listeners, here or at the owner. */
  protected get hasListeners(): boolean {
    const { listeners, owner } = this;
    return (listeners !== undefined && listeners.size > 0) || owner?.isListenedTo === true;
  }

  /** Tells an event to the listeners, here and at the owner. */
  protected tellListeners(event: PolicyEvent): void {
    this.listeners?.tell(event);
    this.owner?.tell(event);
  }

  /** Whether anybody listens: an event nobody hears is not even made. */
  protected isHeard(topic: Topic): boolean {
    return this.hasListeners || topic.channel.hasSubscribers;
  }

  /** Tells the listeners and the channel what happened. Ask {@link isHeard} first. */
  protected tell(topic: Topic, details: Readonly<Record<string, unknown>>): void {
    const { name: policy, owner } = this;
    const key = owner && { key: details['key'] ?? owner.key };
    const event = { kind: topic.kind, event: topic.event, policy, ...details, ...key };
    this.tellListeners(event);
    if (topic.channel.hasSubscribers) topic.channel.publish(event);
  }
}

/** Several layers as one policy. */
export class LayerStack<Alternative, Accepts, Events> extends Executable<
  Alternative,
  Accepts,
  Events
> {
  readonly name: string;
  readonly layers: readonly Layer[];

  constructor(name: string, layers: readonly Layer[]) {
    super();
    this.name = name;
    this.layers = layers;
  }

  on(event: string, listener: EventListener): Unsubscribe {
    const distinct = new Set(this.layers);
    const ends = [...distinct].map((layer) => layer.on?.(event, listener));
    return () => {
      for (const end of ends) end?.();
    };
  }

  named(name: string): LayerStack<Alternative, Accepts, Events> {
    return new LayerStack(name, this.layers);
  }
}
