import { invalidOption } from '@holdfast/policy';
import type { ConfigHeaders, SpringConfigSourceOptions } from './spring-options.ts';

/** Where a source asks, and as whom. */
export interface SpringTarget {
  /** The address, without a password: fit for messages. */
  readonly address: string;
  /** The headers that stay the same. */
  readonly headers: ConfigHeaders;
}

/**
 * Makes the address that the server knows the configuration under.
 *
 * @throws `TypeError` or `RangeError` when `url` is none of HTTP.
 */
export function springTarget(options: SpringConfigSourceOptions): SpringTarget {
  const { application, profiles = ['default'], label, token } = options;
  const url = httpUrl(options.url);
  const auth = options.auth ?? userOf(url);
  const path = [
    encodeURIComponent(application),
    profiles.map((profile) => encodeURIComponent(profile)).join(','),
    // How the server wants to have a slash within a label.
    ...(label === undefined ? [] : [encodeURIComponent(label.replaceAll('/', '(_)'))]),
  ];
  return {
    address: `${url.origin}${url.pathname.replace(/\/+$/u, '')}/${path.join('/')}`,
    headers: {
      accept: 'application/json',
      ...(auth && { authorization: `Basic ${encoded(`${auth.username}:${auth.password}`)}` }),
      ...(token !== undefined && { 'x-config-token': token }),
    },
  };
}

function httpUrl(value: string): URL {
  if (typeof value !== 'string') throw invalidOption('url', 'a string', value, TypeError);
  const url = URL.parse(value);
  if (url !== null && /^https?:$/u.test(url.protocol) && url.search === '' && url.hash === '') {
    return url;
  }
  // What was given is not shown: it may hold a password.
  throw new RangeError('Expected `url` to be an address of http or https, without a query.');
}

function userOf({ username, password }: URL): SpringConfigSourceOptions['auth'] {
  if (username === '' && password === '') return undefined;
  return { username: decoded(username), password: decoded(password) };
}

/** A `%` that begins no escape stands for itself, as it does to `fetch` and to browsers. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/giu, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
