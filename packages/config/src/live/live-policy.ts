import {
  type Clock,
  compose,
  type EventListener,
  type ExecuteOptions,
  type Layer,
  type Operation,
  type Outcome,
  type Policy,
  type PolicyDescription,
  type Unsubscribe,
} from '@holdfast/policy';
import { LiveLayer, type LiveLayers } from './live-layer.ts';

/** A policy that stays the same for whoever holds it, while its layers change. */
export class LivePolicy implements Policy<unknown> {
  readonly name: string;
  /** One layer that follows each change, for pipelines that are composed with it. */
  readonly layers: readonly Layer[];
  private readonly live: LiveLayer;
  /** What calls go through directly: that costs less than the detour by the layer. */
  private pipeline: Policy<unknown>;
  private standing: LiveLayers = { policies: [], shared: new Set() };

  constructor(name: string, clock: Clock | undefined) {
    this.name = name;
    this.live = new LiveLayer(name, clock);
    this.layers = [this.live];
    this.pipeline = compose().named(name);
  }

  /** Calls that come in from now on go through these layers. Returns the way back. */
  set(layers: LiveLayers): () => void {
    const { standing } = this;
    this.standing = layers;
    this.live.set(layers);
    this.pipeline = compose(...(layers.policies as readonly Policy<unknown>[])).named(this.name);
    return () => void this.set(standing);
  }

  execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<unknown> {
    return this.pipeline.execute(operation, options);
  }

  outcome<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<Outcome<unknown>> {
    return this.pipeline.outcome(operation, options);
  }

  wrap<This, Args extends unknown[], T>(
    fn: (this: This, ...args: Args) => T | PromiseLike<T>,
  ): (this: This, ...args: Args) => Promise<unknown> {
    if (typeof fn !== 'function') {
      throw new TypeError(`Expected wrap to get a function, got ${typeof fn}.`);
    }
    const execute = (operation: Operation<T>): Promise<unknown> => this.execute(operation);
    return function wrapped(this: This, ...args: Args): Promise<unknown> {
      return execute(() => fn.apply(this, args));
    };
  }

  on(event: string, listener: EventListener): Unsubscribe {
    return this.live.on(event, listener);
  }

  describe(): PolicyDescription {
    return { name: this.name, layers: [this.live.describeLayer()] };
  }

  get current(): Policy<unknown> {
    return this.pipeline;
  }
}
