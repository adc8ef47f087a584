import type { Bulkhead } from '@holdfast/bulkhead';
import type { Chaos } from '@holdfast/chaos';
import type { AdaptiveThrottle, CircuitBreaker } from '@holdfast/circuit-breaker';
import type { Fallback } from '@holdfast/fallback';
import type { Hedge } from '@holdfast/hedge';
import type { AnyPolicy, EventSource, EventsOf, Policy } from '@holdfast/policy';
import type { RateLimiter } from '@holdfast/rate-limiter';
import type { Retry } from '@holdfast/retry';
import type { Timeout } from '@holdfast/timeout';
import { type AppliedChange, ConfiguredPolicies } from './configured-policies.ts';
import type { ConfigEvents, ConfigFinding } from './events.ts';
import { Feed } from './feed.ts';
import type { PoliciesConfig } from './format/policies-config.ts';
import { type ConfigOptions, settingsOf } from './options.ts';
import type { ConfigSource } from './sources/source.ts';

/** The events of whatever a configured pipeline may consist of, by name. */
export type ConfiguredEvents = EventsOf<
  | AdaptiveThrottle
  | Bulkhead
  | Chaos
  | CircuitBreaker
  | Hedge
  | RateLimiter
  | Fallback<unknown>
  | Retry
  | Timeout
>;

/**
 * A pipeline of a configuration. It stays the same while its layers change: a call goes through the
 * layers that there were when it came in, and the next one through those of now. A pipeline that was
 * composed with it follows the changes as well.
 *
 * @typeParam Alternative - What it may answer in place of the operation's own value.
 */
export interface ConfiguredPolicy<out Alternative = never>
  extends Policy<Alternative, unknown, ConfiguredEvents>,
    EventSource<ConfiguredEvents> {
  /**
   * The layers of now as a pipeline that no change touches: for `describe()`, `lint` and tests. The
   * policy itself has a single layer, which puts those of now inside itself for each call.
   */
  readonly current: Policy<Alternative>;
}

/**
 * The pipelines of a configuration; made by {@link policiesFrom}.
 *
 * @typeParam Name - The names of the pipelines.
 */
export interface Policies<Name extends string = string>
  extends EventSource<ConfigEvents>,
    Disposable {
  /** The names of the pipelines, in the order of the configuration. */
  readonly names: readonly string[];
  /** The configuration that holds; frozen. */
  readonly config: PoliciesConfig;
  /** What `lint` finds in the pipelines as they are now. */
  readonly findings: readonly ConfigFinding[];
  /**
   * The pipeline of that name; always the same one, so that it can be kept. If a later configuration
   * does not have it any more, whoever holds it goes on with the layers it had last.
   *
   * A fallback of the configuration may answer otherwise: give the type of what it answers.
   *
   * @throws `TypeError` when the configuration has no such pipeline.
   *
   * @example
   * ```ts
   * const payment = policies.get('payment');
   * const receipt = await payment.execute(({ signal }) => charge('order-7', { signal }));
   * ```
   */
  get<Alternative = never>(name: Name): ConfiguredPolicy<Alternative>;
  /** Whether the configuration has a pipeline of that name. */
  has(name: string): boolean;
  /**
   * A layer of a pipeline, to look at its state or to isolate it by hand: by its name, or by its type
   * and, from the second of a type on, its number (`'retry#2'`). Its type is for you to know. Ask each
   * time, since a change may put another one in its place.
   *
   * @throws `TypeError` when there is no such pipeline or layer.
   *
   * @example
   * ```ts
   * const breaker = policies.layer<CircuitBreaker>('payment', 'circuitBreaker');
   * const isolation = breaker.isolate();
   * ```
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  layer<L extends AnyPolicy = AnyPolicy>(policy: Name, layer: string): L;
  /**
   * Applies another configuration, wholly or not at all. Layers that stay keep their state. Returns
   * what has become of them; undefined if nothing is other than it was. Asked for during a change, by a
   * listener, it comes right after that, and only the events tell how it went.
   *
   * @throws `ConfigInvalidError` with all that is wrong; then nothing has changed.
   */
  apply(config: unknown): AppliedChange | undefined;
  /**
   * Follows its source no more, and ends what layers do by themselves: the health probes of breakers,
   * and chaos. The pipelines work on.
   */
  close(): void;
}

/** A configuration whose names are known from its type. */
export interface NamedConfig {
  /** The pipelines, by name. */
  readonly policies: object;
}

/** The names of the pipelines of a configuration whose type is known. */
export type NamesIn<Config extends NamedConfig> = keyof Config['policies'] & string;

function isSource(value: unknown): value is ConfigSource {
  return typeof (value as Partial<ConfigSource> | null | undefined)?.read === 'function';
}

/**
 * Makes pipelines from plain data, such as a JSON file has: checked against a schema, with all that is
 * wrong in one error. `apply` changes them while they are in use, and breakers, bulkheads and limiters
 * keep their state.
 *
 * From a source, it resolves when that has been read, and follows it from then on. A change that is
 * invalid is refused as a whole, and a source that fails changes nothing: the last good configuration
 * goes on.
 *
 * @throws `ConfigInvalidError` with all that is wrong with the configuration; `ConfigSourceError` when
 * the source cannot be read within `loadTimeoutMs`; `TypeError` or `RangeError` naming the option that
 * cannot be used.
 *
 * @example
 * ```ts
 * const policies = policiesFrom({
 *   policies: {
 *     payment: [
 *       { type: 'timeout', afterMs: 2_000 },
 *       { type: 'retry', maxAttempts: 3 },
 *       { type: 'circuitBreaker', failureRatio: 0.5, windowMs: 10_000 },
 *     ],
 *   },
 * });
 *
 * const receipt = await policies.get('payment').execute(({ signal }) => charge('order-7', { signal }));
 * ```
 */
export function policiesFrom<const Config extends NamedConfig>(
  config: Config,
  options?: ConfigOptions<NoInfer<NamesIn<Config>>>,
): Policies<NamesIn<Config>>;
export function policiesFrom<const Name extends string = string>(
  source: ConfigSource,
  options?: ConfigOptions<Name>,
): Promise<Policies<Name>>;
export function policiesFrom<const Name extends string = string>(
  config: unknown,
  options?: ConfigOptions<Name>,
): Policies<Name>;
export function policiesFrom(
  given: unknown,
  options: ConfigOptions = {},
): Policies | Promise<Policies> {
  const settings = settingsOf(options);
  const policies = new ConfiguredPolicies(settings);
  if (isSource(given)) {
    return new Feed(given, policies, settings).start().then(() => asPolicies(policies));
  }
  policies.apply(given);
  return asPolicies(policies);
}

/** Inside, nothing is known of the types that the data cannot tell. */
function asPolicies(policies: ConfiguredPolicies): Policies {
  return policies as unknown as Policies;
}
