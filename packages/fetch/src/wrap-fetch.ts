import { knownOptions, oneOf, optionalFunction, type Policy, systemClock } from '@holdfast/policy';
import { FetchCall } from './fetch-call.ts';
import { factsOf, isIdempotent, type RequestFacts } from './repeatable.ts';
import { requestBody } from './request-body.ts';

/** What a {@link WrappedFetch} takes as its second argument: what fetch takes, and a little more. */
export interface FetchInit extends Omit<RequestInit, 'body'> {
  /**
   * What fetch takes; or a function that makes it, called for each attempt: so a stream can be sent
   * again.
   *
   * @default undefined
   */
  readonly body?: RequestInit['body'] | (() => NonNullable<RequestInit['body']>) | undefined;
}

/** A fetch under a policy. It can stand wherever a `fetch` is wanted. */
export type WrappedFetch<Alternative = never> = (
  input: Parameters<typeof fetch>[0],
  init?: FetchInit,
) => Promise<Response | Alternative>;

/** What {@link wrapFetch} can be told. */
export interface WrapFetchOptions {
  /**
   * Whether a request may be sent again although it may have reached the server. By default one may
   * whose method is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE, QUERY) or that carries an
   * `Idempotency-Key`. One that never left, as after `ECONNREFUSED`, may be sent again in any case.
   *
   * @default an idempotent method, or an Idempotency-Key
   */
  readonly isRepeatable?: ((request: RequestFacts) => boolean) | undefined;
  /**
   * Whether the deadline of the attempt, which a `timeout` sets, holds for the body too: `'keep'` cuts
   * a body off with a `TimeoutError`; `'drop'` is for streams of events and long downloads.
   *
   * @default 'keep'
   */
  readonly bodyDeadline?: 'keep' | 'drop' | undefined;
}

function requestOf(input: Parameters<typeof fetch>[0]): Request | undefined {
  return typeof input === 'object' && 'bodyUsed' in input ? input : undefined;
}

function checkArguments(
  fetch: unknown,
  policy: Policy<unknown, never>,
  options: WrapFetchOptions,
): void {
  if (typeof fetch !== 'function')
    throw new TypeError('Expected the first argument to be a fetch function.');
  if (typeof policy?.execute !== 'function') {
    throw new TypeError('Expected the second argument to be a policy.');
  }
  knownOptions(options, ['isRepeatable', 'bodyDeadline']);
  optionalFunction('isRepeatable', options.isRepeatable);
  if (options.bodyDeadline !== undefined)
    oneOf('bodyDeadline', options.bodyDeadline, ['keep', 'drop']);
}

/**
 * Puts a policy around fetch. The function that it returns takes what fetch takes and answers with a
 * real `Response`, or with what the policy answers in its place.
 *
 * Each attempt gets its own body: strings, bytes, `Blob`, `URLSearchParams` and `FormData` are sent
 * again as they were; a stream is sent once, and so is a `Request` that has a body. A call that cannot
 * be repeated ends with the answer of the attempt that ran. The place in a bulkhead is held until the
 * body has ended: read it, or cancel it.
 *
 * A status such as 503 is an answer, not an error: tell the policies with `isHttpFailure` and
 * `isRetryableHttp`.
 *
 * @throws `TypeError` or `RangeError` naming the argument that cannot be used.
 *
 * @example
 * ```ts
 * const fetchStock = wrapFetch(fetch, compose(timeout({ afterMs: 2_000 }), bulkhead()));
 *
 * const response = await fetchStock('http://localhost:8080/stock/sku-1');
 * ```
 */
export function wrapFetch<Alternative = never>(
  fetch: typeof globalThis.fetch,
  policy: Policy<Alternative, Response>,
  options: WrapFetchOptions = {},
): WrappedFetch<Alternative> {
  checkArguments(fetch, policy, options);
  const { isRepeatable = isIdempotent, bodyDeadline = 'keep' } = options;
  const clock = policy.layers.find((layer) => layer.clock !== undefined)?.clock ?? systemClock;

  return async (input, init) => {
    const { body: givenBody, ...rest } = init ?? {};
    const request = requestOf(input);
    const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
    const call = new FetchCall({
      fetch,
      input,
      init: rest,
      body: requestBody(givenBody, request),
      signal,
      isRepeatable: isRepeatable(factsOf(request, rest)),
      keepsDeadline: bodyDeadline === 'keep',
      clock,
      policy: policy.name,
    });
    const retryBudget = call.isFree ? undefined : call;
    return policy.execute<Response>((context) => call.attempt(context), { signal, retryBudget });
  };
}
