import { definePolicy, noop, type Outcome, type Policy } from '@holdfast/policy';
import { expectTypeOf } from 'vitest';
import { isHttpFailure, isRetryableHttp, retryAfterOf, wrapFetch } from '../src/index.ts';

const wrapped = wrapFetch(fetch, noop);

// It can stand wherever a fetch is wanted.
export const asFetch: typeof fetch = wrapped;
expectTypeOf<ReturnType<typeof wrapped>>().toEqualTypeOf<Promise<Response>>();

// What the policy answers in its place is in the type.
const cached = wrapFetch(
  fetch,
  definePolicy<'cached'>('cached', async () => 'cached'),
);
expectTypeOf<Awaited<ReturnType<typeof cached>>>().toEqualTypeOf<Response | 'cached'>();

// A policy whose predicates understand responses is welcome; one for other values is not.
declare const forResponses: Policy<never, Response>;
declare const forNumbers: Policy<never, number>;
wrapFetch(fetch, forResponses);
// @ts-expect-error its predicates understand numbers
wrapFetch(fetch, forNumbers);

// A body may be a function; nothing else is new.
void wrapped('http://localhost', { method: 'PUT', body: () => 'text' });
// @ts-expect-error a number is no body
void wrapped('http://localhost', { body: 5 });
// @ts-expect-error there is no such option
wrapFetch(fetch, noop, { retries: 3 });

// The predicates fit the options of the policies.
export const isFailure: (outcome: Outcome<Response>) => boolean | 'ignore' = isHttpFailure;
export const shouldRetry: (outcome: Outcome<Response>, attempt: number) => boolean =
  isRetryableHttp;
export const delayFrom: (outcome: Outcome<Response>) => number | undefined = retryAfterOf;
