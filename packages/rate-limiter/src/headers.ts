import { knownOptions, oneOf } from '@holdfast/policy';
import { rounding } from './algorithm.ts';
import type { RateDecision } from './decision.ts';

/** How {@link rateLimitHeaders} names its headers. */
export interface RateLimitHeadersOptions {
  /**
   * `'standard'`: `RateLimit` and `RateLimit-Policy` of the IETF draft "RateLimit header fields for
   * HTTP" (draft-ietf-httpapi-ratelimit-headers, from 08 on); `'legacy'`: `X-RateLimit-Limit`,
   * `-Remaining` and `-Reset`, the last in seconds from now; or `'both'`.
   *
   * @default 'standard'
   */
  readonly style?: 'standard' | 'legacy' | 'both' | undefined;
  /**
   * The name of the quota in the standard headers.
   *
   * @default 'default'
   */
  readonly policy?: string | undefined;
}

/** Headers speak of whole seconds; rounded up, so that nobody comes back too early. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1_000 - rounding);
}

/** A string of structured fields (RFC 9651) has no characters but printable ASCII ones. */
function quoted(name: string): string {
  return `"${name.replaceAll(/[^ -~]/gu, '?').replaceAll(/["\\]/gu, '\\$&')}"`;
}

/**
 * For how long a client should make do with what remains: as long as that lasts at the rate of the
 * limit, so that it does not send all of a large burst at once; and never longer than `Retry-After`.
 */
function effectiveWindowMs(decision: RateDecision): number {
  const { allowed, limit, windowMs, remaining, retryAfterMs, resetAfterMs } = decision;
  return allowed ? Math.max(resetAfterMs, (remaining / limit) * windowMs) : retryAfterMs;
}

/**
 * The headers that tell a client where it stands: those of the limit, and `Retry-After` for a call
 * that was refused. Times are in whole seconds, rounded up. It takes what `tryAcquire` and `peek`
 * answer, and a {@link RateLimitedError}.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const decision = limiter.tryAcquire({ key: tenant });
 * response.writeHead(decision.allowed ? 200 : 429, rateLimitHeaders(decision));
 * ```
 */
export function rateLimitHeaders(
  decision: RateDecision,
  options: RateLimitHeadersOptions = {},
): Record<string, string> {
  const { style = 'standard', policy = 'default' } = knownOptions(options, ['style', 'policy']);
  oneOf('style', style, ['standard', 'legacy', 'both']);
  const headers: Record<string, string> = {};
  const { allowed, limit, windowMs, remaining, retryAfterMs, resetAfterMs } = decision;
  if (style !== 'legacy') {
    const name = quoted(policy);
    headers['RateLimit-Policy'] = `${name};q=${limit};w=${seconds(windowMs)}`;
    headers['RateLimit'] = `${name};r=${remaining};t=${seconds(effectiveWindowMs(decision))}`;
  }
  if (style !== 'standard') {
    headers['X-RateLimit-Limit'] = String(limit);
    headers['X-RateLimit-Remaining'] = String(remaining);
    headers['X-RateLimit-Reset'] = String(seconds(resetAfterMs));
  }
  // 0 would mean at once, which is not so.
  if (!allowed) headers['Retry-After'] = String(Math.max(1, seconds(retryAfterMs)));
  return headers;
}
