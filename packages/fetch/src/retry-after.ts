import type { Outcome } from '@holdfast/policy';

/** The three forms of a date in HTTP (RFC 9110, 5.6.7): all begin with the name of a day. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

function dateOf(text: string | null): number | undefined {
  if (text === null || !httpDate.test(text)) return undefined;
  // The form of asctime() has no zone and means UTC.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

/** Wall time, for a server that does not tell its own. */
function wallTime(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * The time that the server asks to wait, in milliseconds, for `delayFrom` of a retry: from
 * `Retry-After` as seconds or as a date. Undefined when it asks for none, or in no form that counts.
 *
 * A date is compared with the `Date` of the same response, so that a wrong clock here or there does
 * no harm; one that has passed is 0.
 *
 * @example
 * ```ts
 * const response = new Response(null, { status: 503, headers: { 'retry-after': '1.5' } });
 * retryAfterOf({ ok: true, value: response }); // 1500
 * ```
 */
export function retryAfterOf(outcome: Outcome<Response>): number | undefined {
  if (!outcome.ok) return undefined;
  const { headers } = outcome.value;
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const time = dateOf(text);
  if (time === undefined) return undefined;
  return Math.max(0, time - (dateOf(headers.get('date')) ?? wallTime()));
}
