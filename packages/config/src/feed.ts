import { isDeepStrictEqual } from 'node:util';
import { systemClock, TimeoutError, withoutStack } from '@holdfast/policy';
import { type PlainData, plainData } from './check/plain-data.ts';
import { shown } from './check/problem.ts';
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
  private told: PlainData | undefined = undefined;
  private hasFailed = false;
  private isClosed = false;

  constructor(source: ConfigSource, policies: ConfiguredPolicies, settings: Settings) {
    this.source = source;
    this.policies = policies;
    this.settings = settings;
  }

  /** Reads the source for the first time, and follows it from then on. */
  async start(): Promise<void> {
    const reading = await this.read();
    this.told = plainData(reading.data);
    this.policies.change(this.told, this.originOf(reading));
    try {
      this.follow();
    } catch (cause) {
      this.policies.close();
      throw this.failure(cause);
    }
  }

  private follow(): void {
    // It tells what there is once more, so that nothing is lost in between.
    const watch = this.source.watch?.({
      changed: (next) => this.changed(next),
      failed: (error) => this.failed(error),
    });
    this.policies.closeWith(() => {
      this.isClosed = true;
      watch?.close();
    });
  }

  private failure(cause: unknown): ConfigSourceError {
    return new ConfigSourceError({ source: this.source.name, cause, policy: this.settings.name });
  }

  private originOf({ version }: ConfigReading): Origin {
    return { source: this.source.name, version };
  }

  private changed(reading: ConfigReading): void {
    if (this.isClosed) return;
    if (!isReading(reading)) {
      this.failed(noReading(reading));
      return;
    }
    if (this.hasFailed) {
      this.hasFailed = false;
      this.policies.sourceRecovered(this.source.name);
    }
    // Once more the same is no change, also where it was refused, or somebody has applied another since.
    const plain = plainData(reading.data);
    if (isDeepStrictEqual(this.told, plain)) return;
    this.told = plain;
    this.policies.tryChange(plain, this.originOf(reading));
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
      const reading = await Promise.race([
        source.read({ signal: controller.signal }),
        expiry.promise,
      ]);
      if (!isReading(reading)) throw noReading(reading);
      return reading;
    } catch (cause) {
      throw this.failure(cause);
    } finally {
      timer.cancel();
    }
  }
}

/** A source may be anybody's. */
function isReading(reading: unknown): boolean {
  return typeof reading === 'object' && reading !== null;
}

function noReading(given: unknown): TypeError {
  return new TypeError(`Expected a reading of the source to be an object, got ${shown(given)}.`);
}
