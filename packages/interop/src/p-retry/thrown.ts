import { isNetworkError } from '@holdfast/policy';

/** What the callbacks are told of a value that was thrown. */
export function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new TypeError(`Non-error was thrown: "${shown(thrown)}"; throw an Error in its place.`, {
    cause: thrown,
  });
}

function shown(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** With what browsers, runtimes and polyfills begin the message of a `fetch` that the network failed. */
const networkMessages =
  /^(?:network error$|NetworkError when attempting to fetch resource\.$|The Internet connection appears to be offline\.$|Network request failed$|fetch failed$|terminated$| A network error occurred\.$|Network connection lost$|Failed to fetch(?: \(.*\))?$|error sending request for url)/s;

/** WebKit says that for any failure; only one that comes from the network has no stack. */
const messageOfWebKit = /^Load failed(?: \(.*\))?$/s;

function isNetworkMessage(error: TypeError): boolean {
  const { name, message, stack } = error;
  if (name !== 'TypeError' || typeof message !== 'string') return false;
  if (networkMessages.test(message)) return true;
  return messageOfWebKit.test(message) && (stack === undefined || '__sentry_captured__' in error);
}

/**
 * Whether an error is worth a further attempt at all: a `TypeError` is a mistake in the program, unless
 * it is how `fetch` reports a failing network. That is known by its message, as in p-retry, or by the
 * codes of its causes.
 */
export function isWorthRetry(error: Error): boolean {
  return !(error instanceof TypeError) || isNetworkMessage(error) || isNetworkError(error);
}
