import { hasBrand, PolicyError, type PolicyErrorOptions } from '@holdfast/policy';

/**
 * Why a source could not be read: there is nothing (`missing`), it cannot be got at (`unreachable`),
 * it took too long (`timeout`), the server answered something else than a configuration
 * (`unexpected`), it is larger than allowed (`too-large`), or it cannot be understood (`malformed`).
 */
export type ConfigReadReason =
  | 'missing'
  | 'unreachable'
  | 'timeout'
  | 'unexpected'
  | 'too-large'
  | 'malformed';

/** What a {@link ConfigReadError} is made from. */
export interface ConfigReadErrorOptions extends PolicyErrorOptions {
  /** The name of the source. */
  readonly source: string;
  /** Why it could not be read. */
  readonly reason: ConfigReadReason;
}

/**
 * A source of configuration could not be read. A watch goes on and tells when it can; what was read
 * before stays in force.
 */
export class ConfigReadError extends PolicyError {
  /** Always `'ConfigReadError'`. */
  override readonly name: string = 'ConfigReadError';
  override readonly code = 'CONFIG_READ_FAILED';
  /** A brand: always true. */
  readonly isConfigReadError: true = true;
  /** The name of the source. */
  readonly source: string;
  /** Why it could not be read. */
  readonly reason: ConfigReadReason;

  constructor(message: string, options: ConfigReadErrorOptions) {
    super(message, options);
    this.source = options.source;
    this.reason = options.reason;
  }
}

/** Whether `value` says that a source of configuration could not be read. */
export function isConfigReadError(value: unknown): value is ConfigReadError {
  return hasBrand<ConfigReadError>(value, (error) => error.isConfigReadError);
}
