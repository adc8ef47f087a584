import { isDeepStrictEqual } from 'node:util';
import type { Unsubscribe, EventListener } from '@holdfast/policy';
import { type PlainData, plainData } from './check/plain-data.ts';
import { pathOf, problemOf } from './check/problem.ts';
import { validate } from './check/validate.ts';
import { ConfigInvalidError, type ConfigProblem } from './errors.ts';
import { type ChangedEvent, type ConfigFinding, topics } from './events.ts';
import type { PoliciesConfig } from './format/policies-config.ts';
import { ConfigListeners } from './listeners.ts';
import { type ConfigChange, LiveConfig } from './live/live-config.ts';
import type { LivePolicy } from './live/live-policy.ts';
import type { Settings } from './options.ts';
import type { AnyPolicy } from '@holdfast/policy';

/** Where a configuration came from. */
export interface Origin {
  readonly source: string | undefined;
  readonly version: string | undefined;
}

const byHand: Origin = { source: undefined, version: undefined };

/** The details of {@link ChangedEvent}. */
export type AppliedChange = Omit<ChangedEvent, 'kind' | 'event' | 'policy'>;

/** A change that has been asked for. */
interface Asked {
  readonly plain: PlainData;
  readonly origin: Origin;
}

/** Keeps the configuration and its pipelines, and takes one change after another. */
export class ConfiguredPolicies {
  private readonly settings: Settings;
  private readonly live: LiveConfig;
  private readonly listeners: ConfigListeners;
  /** What a listener has asked for during a change. */
  private readonly later: Asked[] = [];
  private isChanging = false;
  private closing: (() => void) | undefined = undefined;
  private present: PoliciesConfig | undefined = undefined;
  findings: readonly ConfigFinding[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    this.live = new LiveConfig(settings.registry);
    this.listeners = new ConfigListeners(settings.name);
  }

  get config(): PoliciesConfig {
    return this.present as PoliciesConfig;
  }

  get names(): readonly string[] {
    return this.live.names;
  }

  has(name: string): boolean {
    return this.live.has(name);
  }

  get(name: string): LivePolicy {
    return this.live.get(name);
  }

  layer(policy: string, layer: string): AnyPolicy {
    return this.live.layer(policy, layer);
  }

  on(event: string, listener: EventListener): Unsubscribe {
    return this.listeners.add(event, listener);
  }

  apply(data: unknown): AppliedChange | undefined {
    return this.change(plainData(data), byHand);
  }

  /** Applies data, or throws, and tells of it either way. */
  change(plain: PlainData, origin: Origin): AppliedChange | undefined {
    if (this.isChanging) {
      this.later.push({ plain, origin });
      return undefined;
    }
    this.isChanging = true;
    try {
      return this.changeNow(plain, origin);
    } finally {
      this.isChanging = false;
      const next = this.later.shift();
      if (next !== undefined) this.tryChange(next.plain, next.origin);
    }
  }

  /** As {@link ConfiguredPolicies.change}, for whoever is told by the events alone; never throws. */
  tryChange(plain: PlainData, origin: Origin): void {
    try {
      this.change(plain, origin);
    } catch (error) {
      // A source is not to end because of what it has told.
      if (!(error instanceof ConfigInvalidError)) this.refuse([problemOf([], error)], origin);
    }
  }

  private changeNow(plain: PlainData, origin: Origin): AppliedChange | undefined {
    const config = plain.data as PoliciesConfig;
    if (plain.problems.length > 0) throw this.refuse(plain.problems, origin);
    if (this.present !== undefined && isDeepStrictEqual(config, this.present)) return undefined;
    const problems = validate(config);
    if (problems.length > 0) throw this.refuse(problems, origin);
    const prepared = this.live.prepare(config);
    const wrong = [...this.missing(config), ...prepared.problems];
    const refused = wrong.length > 0 ? wrong : this.refusedBy(prepared.findings);
    if (refused.length > 0) throw this.refuse(refused, origin);
    this.commit(config, prepared, origin);
    const { changes, findings } = prepared;
    const change = { config, changes, findings, ...origin };
    this.listeners.tell(topics.changed, change);
    return change;
  }

  private commit(config: PoliciesConfig, prepared: ConfigChange, origin: Origin): void {
    const { present, findings } = this;
    this.present = config;
    this.findings = prepared.findings;
    const problem = prepared.commit();
    if (problem === undefined) return;
    this.present = present;
    this.findings = findings;
    throw this.refuse([problem], origin);
  }

  private missing({ policies }: PoliciesConfig): readonly ConfigProblem[] {
    return this.settings.names
      .filter((name) => !Object.hasOwn(policies, name))
      .map((name) => ({
        path: pathOf(['policies', name]),
        message: 'is missing, and the code asks for it',
      }));
  }

  private refusedBy(findings: readonly ConfigFinding[]): readonly ConfigProblem[] {
    const { refuse } = this.settings;
    return findings
      .filter(
        ({ severity }) => severity === refuse || (refuse !== undefined && severity === 'error'),
      )
      .map(({ paths: [, inner], rule, message }) => ({
        path: inner,
        message: `${message} (${rule})`,
      }));
  }

  private refuse(problems: readonly ConfigProblem[], origin: Origin): ConfigInvalidError {
    const { name } = this.settings;
    const error = new ConfigInvalidError({ problems, policy: name, source: origin.source });
    this.listeners.tell(topics.refused, { error, ...origin });
    return error;
  }

  sourceFailed(source: string, error: unknown): void {
    this.listeners.tell(topics['source-failed'], { source, error });
  }

  sourceRecovered(source: string): void {
    this.listeners.tell(topics['source-recovered'], { source });
  }

  /** What ends the watch of the source. */
  closeWith(close: () => void): void {
    this.closing = close;
  }

  close(): void {
    const { closing } = this;
    this.closing = undefined;
    closing?.();
    const byHandOnly = this.later.filter(({ origin }) => origin.source === undefined);
    this.later.splice(0, this.later.length, ...byHandOnly);
    this.live.retire();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
