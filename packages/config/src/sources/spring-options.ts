import {
  type Clock,
  commonOptions,
  invalidOption,
  knownOptions,
  optionalFunction,
  positiveInteger,
  positiveMilliseconds,
} from '@holdfast/policy';

/** What of `fetch` a source needs: the global one will do, and one with policies around it. */
export type ConfigFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Headers by name. */
export type ConfigHeaders = Readonly<Record<string, string>>;

/** A user and a password. */
export interface BasicAuth {
  /** The name of the user. */
  readonly username: string;
  /** The password. */
  readonly password: string;
}

/** What {@link springConfigSource} can be told. */
export interface SpringConfigSourceOptions {
  /** Where the server is: `https://config.internal:8888`, perhaps with a path. */
  readonly url: string;
  /** The name of the application: Spring's `spring.application.name`. */
  readonly application: string;
  /**
   * The profiles, the last of which is the most specific.
   *
   * @default ['default']
   */
  readonly profiles?: readonly string[] | undefined;
  /**
   * The branch, tag or commit.
   *
   * @default undefined (the one that the server is set to)
   */
  readonly label?: string | undefined;
  /**
   * Below which name the configuration is; `''` for everything.
   *
   * @default 'holdfast'
   */
  readonly prefix?: string | undefined;
  /**
   * Whether it is right that there is nothing below the prefix: then the data is an empty object.
   * Otherwise it is a failure, as when the file of the application has been lost.
   *
   * @default false
   */
  readonly optional?: boolean | undefined;
  /**
   * Headers of each request, or a function that is asked for them before each, for tokens that expire.
   *
   * @default {}
   */
  readonly headers?: ConfigHeaders | (() => ConfigHeaders | Promise<ConfigHeaders>) | undefined;
  /**
   * Basic authentication; a user in `url` is as good.
   *
   * @default undefined
   */
  readonly auth?: BasicAuth | undefined;
  /**
   * What is sent as `X-Config-Token`, which a server in front of Vault asks for.
   *
   * @default undefined
   */
  readonly token?: string | undefined;
  /**
   * How often a watch asks, in milliseconds; up to a fifth more or less, so that not all instances ask
   * at once.
   *
   * @default 30_000
   */
  readonly intervalMs?: number | undefined;
  /**
   * After each further failure a watch waits twice as long, up to this many milliseconds.
   *
   * @default 120_000
   */
  readonly maxIntervalMs?: number | undefined;
  /**
   * How long one request may take, its body and the function `headers` included, in milliseconds.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How large an answer may be, in bytes.
   *
   * @default 4_194_304
   */
  readonly maxBytes?: number | undefined;
  /**
   * What asks the server.
   *
   * @default fetch (the global one, looked up at each request)
   */
  readonly fetch?: ConfigFetch | undefined;
  /**
   * Random numbers from 0 to below 1, for the jitter.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const whatNames = ['url', 'application', 'profiles', 'label', 'prefix', 'optional'];
const whoNames = ['headers', 'auth', 'token'];
const howNames = [
  'intervalMs',
  'maxIntervalMs',
  'timeoutMs',
  'maxBytes',
  'fetch',
  'random',
  'clock',
];
const names = [...whatNames, ...whoNames, ...howNames];

/** Throws an error that names the first option that cannot be used. */
export function checkSpringOptions(options: SpringConfigSourceOptions): void {
  knownOptions(options, names);
  checkText('application', options.application);
  checkProfiles(options.profiles);
  if (options.label !== undefined) checkText('label', options.label);
  if (options.token !== undefined) checkText('token', options.token);
  checkPrefix(options.prefix);
  checkAuth(options.auth);
  const { optional, headers } = options;
  if (optional !== undefined && typeof optional !== 'boolean') {
    throw invalidOption('optional', 'a boolean', optional, TypeError);
  }
  if (headers !== undefined && typeof headers !== 'function' && typeof headers !== 'object') {
    throw invalidOption('headers', 'an object or a function', headers, TypeError);
  }
  checkNumbers(options);
  optionalFunction('fetch', options.fetch);
  optionalFunction('random', options.random);
  commonOptions({ clock: options.clock });
}

function checkNumbers(options: SpringConfigSourceOptions): void {
  for (const name of ['intervalMs', 'maxIntervalMs', 'timeoutMs'] as const) {
    const value = options[name];
    if (value !== undefined) positiveMilliseconds(name, value);
  }
  if (options.maxBytes !== undefined) positiveInteger('maxBytes', options.maxBytes);
}

function checkText(name: string, value: string): void {
  if (typeof value !== 'string') throw invalidOption(name, 'a string', value, TypeError);
  if (value === '') throw invalidOption(name, 'a string that is not empty', value, RangeError);
}

function checkProfiles(profiles: readonly string[] | undefined): void {
  if (profiles === undefined) return;
  if (!Array.isArray(profiles) || profiles.length === 0) {
    throw invalidOption('profiles', 'a list with a profile', profiles, TypeError);
  }
  for (const [index, profile] of profiles.entries()) checkText(`profiles[${index}]`, profile);
}

function checkPrefix(prefix: string | undefined): void {
  if (prefix === undefined || prefix === '') return;
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string', prefix, TypeError);
  if (prefix.split('.').includes('') || /[[\]]/u.test(prefix)) {
    throw invalidOption('prefix', 'names divided by single dots', prefix, RangeError);
  }
}

function checkAuth(auth: SpringConfigSourceOptions['auth']): void {
  if (auth === undefined) return;
  const { username, password } = (auth ?? {}) as Partial<typeof auth>;
  if (typeof username !== 'string' || typeof password !== 'string') {
    // What was given is not shown: it may hold the password.
    throw new TypeError(
      'Expected `auth` to be an object with the strings `username` and `password`.',
    );
  }
}
