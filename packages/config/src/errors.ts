import { hasBrand, PolicyError } from '@holdfast/policy';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where it is: `policies.payment[1].failureRatio`. Empty for the whole. */
  readonly path: string;
  /** What is wrong: `must be a number above 0 and at most 1; got 1.5`. */
  readonly message: string;
}

/** What a {@link ConfigInvalidError} is made from. */
export interface ConfigInvalidErrorOptions {
  /** Everything that is wrong. */
  readonly problems: readonly ConfigProblem[];
  /** The name of the configuration. */
  readonly policy?: string | undefined;
  /** The source that it came from. */
  readonly source?: string | undefined;
}

function told({ path, message }: ConfigProblem): string {
  return path === '' ? message : `${path}: ${message}`;
}

function summary({ problems, source }: ConfigInvalidErrorOptions): string {
  const from = source === undefined ? '' : ` of ${source}`;
  const [only] = problems;
  if (problems.length === 1 && only !== undefined) {
    return `the configuration${from} is invalid: ${told(only)}`;
  }
  const lines = problems.map((problem) => `\n- ${told(problem)}`);
  return `the configuration${from} has ${problems.length} problems:${lines.join('')}`;
}

/**
 * A configuration cannot be used. Nothing of it has been applied: what was there before goes on.
 * {@link ConfigInvalidError.problems} has all that is wrong.
 */
export class ConfigInvalidError extends PolicyError {
  /** Always `'ConfigInvalidError'`. */
  override readonly name: string = 'ConfigInvalidError';
  override readonly code = 'CONFIG_INVALID';
  /** A brand: always true. */
  readonly isConfigInvalidError: true = true;
  /** Everything that is wrong, in the order of the configuration. */
  readonly problems: readonly ConfigProblem[];
  /** The source that it came from; undefined when it was given as data. */
  readonly source: string | undefined;

  constructor(options: ConfigInvalidErrorOptions) {
    super(summary(options), { policy: options.policy });
    this.problems = options.problems;
    this.source = options.source;
  }
}

/** What a {@link ConfigSourceError} is made from. */
export interface ConfigSourceErrorOptions {
  /** The name of the source. */
  readonly source: string;
  /** Why it could not be read. */
  readonly cause: unknown;
  /** The name of the configuration. */
  readonly policy?: string | undefined;
}

/** The first reading of a source failed, or took too long: there is no configuration to begin with. */
export class ConfigSourceError extends PolicyError {
  /** Always `'ConfigSourceError'`. */
  override readonly name: string = 'ConfigSourceError';
  override readonly code = 'CONFIG_SOURCE_FAILED';
  /** A brand: always true. */
  readonly isConfigSourceError: true = true;
  /** The name of the source. */
  readonly source: string;

  constructor({ source, cause, policy }: ConfigSourceErrorOptions) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`the configuration could not be read from ${source}: ${why}`, { policy, cause });
    this.source = source;
  }
}

/** Whether `value` says that a configuration cannot be used. */
export function isConfigInvalidError(value: unknown): value is ConfigInvalidError {
  return hasBrand<ConfigInvalidError>(value, (error) => error.isConfigInvalidError);
}

/** Whether `value` says that a source could not be read at first. */
export function isConfigSourceError(value: unknown): value is ConfigSourceError {
  return hasBrand<ConfigSourceError>(value, (error) => error.isConfigSourceError);
}
