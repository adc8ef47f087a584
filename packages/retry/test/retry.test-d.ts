import { compose, type Outcome, type Policy } from '@holdfast/policy';
import { type Backoff, type GaveUpEvent, type Retry, retry } from '@holdfast/retry';
import { expectTypeOf } from 'vitest';

// The value of the operation comes back with its own type.
expectTypeOf(retry().execute(() => 5)).toEqualTypeOf<Promise<number>>();

// What the predicates understand is what operations may return.
const responses = retry<Response>({
  shouldRetry: (outcome) => outcome.ok && outcome.value.status === 503,
  delayFrom: (outcome, attempt) => (outcome.ok ? outcome.value.status * attempt : undefined),
  dispose: (response) => response.body?.cancel(),
});
expectTypeOf(responses).toEqualTypeOf<Retry<Response>>();
void responses.execute(() => fetch('http://localhost:8080/'));
// @ts-expect-error a number is no response.
void responses.execute(() => 5);

// It is inferred from the predicate.
const inferred = retry({ shouldRetry: async (outcome: Outcome<string>) => outcome.ok });
expectTypeOf(inferred).toEqualTypeOf<Retry<string>>();

// In a pipeline the narrowest counts.
const pipeline = compose(retry(), inferred);
void pipeline.execute(() => 'text');
// @ts-expect-error a number is no string.
void pipeline.execute(() => 5);

const anyPolicy: Policy = retry();
void anyPolicy;

// Events are typed by name.
retry().on('gave-up', (event) => expectTypeOf(event).toEqualTypeOf<GaveUpEvent>());
pipeline.on('retried', ({ delayMs }) => delayMs.toFixed());
// @ts-expect-error there is no such event.
retry().on('opened', () => {});

// A back-off is a function, or a list.
const own: Backoff = ({ attempt, previousDelayMs = 1 }) => attempt * previousDelayMs;
retry({ backoff: own });
retry({ backoff: [1, 2, 3] });
// @ts-expect-error a number is neither.
retry({ backoff: 100 });
// @ts-expect-error no such option.
retry({ retries: 3 });
