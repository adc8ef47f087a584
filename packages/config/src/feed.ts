import { isDeepStrictEqual } from 'node:util';
import { systemClock, TimeoutError, withoutStack } from '@holdfast/policy';
import type { ConfiguredPolicies, Origin } from './configured-policies.ts';
import { ConfigSourceError } from './errors.ts';
import type { Settings } from './options.ts';
import type { ConfigReading, ConfigSource } from './sources/source.ts';

/** Feeds what a source tells to some policies: in order, and each content once. */
export class Feed {
  private readonly source: ConfigSource;
  private readonly policies: ConfiguredPolicies;
  private readonly settings: Settings;
  /** What the source has told last, be it good or not. */
  private told: ConfigReading | undefined = undefined;
  private hasFailed = false;
  private isClosed = false;

  constructor(source: ConfigSource, policies: ConfiguredPolicies, settings: Settings) {
    this.source = source;
    this.policies = policies;
    this.settings = settings;
  }

  /** Reads the source for the first time, and follows it from then on. */
  async start(): Promise<void> {
    const { source, policies } = this;
    const reading = await this.read();
    this.told = reading;
    policies.change(reading.data, this.originOf(reading));
    // It tells what there is once more, so that nothing is lost in between.
    const watch = source.watch?.({
      changed: (next) => this.changed(next),
      failed: (error) => this.failed(error),
    });
    policies.closeWith(() => {
      this.isClosed = true;
      watch?.close();
    });
  }

  private originOf({ version }: ConfigReading): Origin {
    return { source: this.source.name, version };
  }

  private changed(reading: ConfigReading): void {
    if (this.isClosed) return;
    if (this.hasFailed) {
      this.hasFailed = false;
      this.policies.sourceRecovered(this.source.name);
    }
    // Once more the same is no change, also where it was refused, or somebody has applied another since.
    if (isDeepStrictEqual(this.told?.data, reading.data)) return;
    this.told = reading;
    this.policies.tryChange(reading.data, this.originOf(reading));
  }

  private failed(error: unknown): void {
    if (this.isClosed) return;
    this.hasFailed = true;
    this.policies.sourceFailed(this.source.name, error);
  }

  private async read(): Promise<ConfigReading> {
    const { source, settings } = this;
    const { loadTimeoutMs, registry, name: policy } = settings;
    const controller = new AbortController();
    const expiry = Promise.withResolvers<never>();
    const timer = (registry.clock ?? systemClock).setTimeout(() => {
      const options = { timeoutMs: loadTimeoutMs, started: true, policy };
      const error = withoutStack(
        () => new TimeoutError(`it did not answer within ${loadTimeoutMs} ms`, options),
      );
      controller.abort(error);
      expiry.reject(error);
    }, loadTimeoutMs);
    try {
      return await Promise.race([source.read({ signal: controller.signal }), expiry.promise]);
    } catch (cause) {
      throw new ConfigSourceError({ source: source.name, cause, policy });
    } finally {
      timer.cancel();
    }
  }
}
