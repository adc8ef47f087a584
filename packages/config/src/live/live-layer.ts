import {
  admitted,
  type AnyPolicy,
  type Clock,
  compose,
  type EnterVerdict,
  type EventListener,
  type EventOwner,
  Expansion,
  type ExitVerdict,
  type Layer,
  LayeredPolicy,
  pass,
  type Run,
  type Unsubscribe,
} from '@holdfast/policy';

/** A listener of all layers, those included that come later. */
interface Subscription {
  readonly event: string;
  readonly listener: EventListener;
  /** What ends it, by layer. */
  readonly ends: Map<Layer, Unsubscribe | undefined>;
}

/** What stands in a live pipeline now. */
export interface LiveLayers {
  readonly policies: readonly AnyPolicy[];
  /** Those among them that stand in other pipelines as well. */
  readonly shared: ReadonlySet<AnyPolicy>;
}

/**
 * Puts layers inside itself that may be others for each call: so that a pipeline which was composed
 * with it follows a change. A call keeps the layers that it came in with.
 */
export class LiveLayer extends LayeredPolicy<unknown> {
  readonly kind: string = 'configured';
  declare readonly clock?: Clock | undefined;
  private inside: readonly Layer[] = [];
  private shared: ReadonlySet<Layer> = new Set();
  private expansion: Expansion = new Expansion([]);
  private readonly subscriptions = new Set<Subscription>();
  private keyOwner: EventOwner | undefined = undefined;

  constructor(name: string, clock: Clock | undefined) {
    super(name);
    this.clock = clock;
  }

  /** Calls that come in from now on go through these layers. */
  set({ policies, shared }: LiveLayers): void {
    const before = this.inside;
    const sharedBefore = this.shared;
    this.inside = policies.flatMap(({ layers }) => layers);
    this.shared = new Set([...shared].flatMap(({ layers }) => layers));
    this.expansion = new Expansion(this.inside);
    if (this.keyOwner !== undefined) this.belongTo(this.keyOwner);
    for (const subscription of this.subscriptions) this.follow(subscription, before, sharedBefore);
  }

  override get detaches(): boolean {
    return this.inside.some((layer) => layer.detaches);
  }

  override get aborts(): boolean {
    return this.inside.some((layer) => layer.aborts);
  }

  enter(run: Run, at: number): EnterVerdict {
    return this.inside.length === 0 ? admitted : run.expand(at, this.expansion);
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  mattersForMs(): number {
    return Math.max(0, ...this.inside.map((layer) => layer.mattersForMs?.() ?? 0));
  }

  /** For `lint`, which looks into it. */
  sample(): AnyPolicy {
    return compose({ layers: this.inside } as AnyPolicy);
  }

  override belongTo(owner: EventOwner): void {
    this.keyOwner = owner;
    for (const layer of this.inside) if (!this.shared.has(layer)) layer.belongTo?.(owner);
  }

  override on(event: string, listener: EventListener): Unsubscribe {
    if (typeof listener !== 'function') {
      throw new TypeError(`Expected the listener of "${event}" to be a function.`);
    }
    let isListening = true;
    // Layers that are gone have it still, for the calls that end on them.
    const own: EventListener = (payload) => {
      if (isListening) listener(payload);
    };
    const subscription: Subscription = { event, listener: own, ends: new Map() };
    this.follow(subscription, [], this.shared);
    this.subscriptions.add(subscription);
    return () => {
      isListening = false;
      this.subscriptions.delete(subscription);
      for (const end of subscription.ends.values()) end?.();
      subscription.ends.clear();
    };
  }

  /**
   * Hears the layers of now. Calls that are in flight end on layers that are gone: those are still
   * heard, unless they are at work elsewhere.
   */
  private follow(
    { event, listener, ends }: Subscription,
    before: readonly Layer[],
    shared: ReadonlySet<Layer>,
  ): void {
    const present = new Set(this.inside);
    for (const layer of before) {
      if (present.has(layer)) continue;
      if (shared.has(layer)) ends.get(layer)?.();
      ends.delete(layer);
    }
    for (const layer of present) {
      if (!ends.has(layer)) ends.set(layer, layer.on?.(event, listener));
    }
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { layers: this.inside.map((layer) => layer.describeLayer()) };
  }
}
