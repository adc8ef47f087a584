import { knownOptions, oneOf } from '@holdfast/policy';
import type { RateDecision } from './decision.ts';

/** How {@link rateLimitHeaders} names its headers. */
export interface RateLimitHeadersOptions {
  /**
   * `'standard'`: `RateLimit` and `RateLimit-Policy` of the IETF draft "RateLimit header fields for
   * HTTP"; `'legacy'`: `X-RateLimit-Limit`, `-Remaining` and `-Reset`; or `'both'`.
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
  return Math.ceil(ms / 1_000);
}

/** A string of structured fields (RFC 9651) has no characters but printable ASCII ones. */
function quoted(name: string): string {
  return `"${name.replaceAll(/[^ -~]/gu, '?').replaceAll(/["\\]/gu, '\\$&')}"`;
}

/**
 * The headers that tell a client where it stands: those of the limit, and `Retry-After` for a call
 * that was refused. Times are in whole seconds, rounded up.
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
    headers['RateLimit'] = `${name};r=${remaining};t=${seconds(resetAfterMs)}`;
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
