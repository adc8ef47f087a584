import ours, {
  AbortError,
  makeRetriable,
  type Options,
  type RetryContext,
} from '@holdfast/interop/p-retry';
import theirs, * as peer from 'p-retry';
import { expectTypeOf } from 'vitest';

// Each can stand where the other does.
const asTheirs: typeof theirs = ours;
const asOurs: typeof ours = theirs;
const makeAsTheirs: typeof peer.makeRetriable = makeRetriable;
const makeAsOurs: typeof makeRetriable = peer.makeRetriable;
const errorAsTheirs: typeof peer.AbortError = AbortError;
const errorAsOurs: typeof AbortError = peer.AbortError;
void [asTheirs, asOurs, makeAsTheirs, makeAsOurs, errorAsTheirs, errorAsOurs];
expectTypeOf<Options>().toExtend<peer.Options>();
expectTypeOf<peer.Options>().toExtend<Options>();
expectTypeOf<keyof Options>().toEqualTypeOf<keyof peer.Options>();
expectTypeOf<RetryContext>().toEqualTypeOf<peer.RetryContext>();
expectTypeOf<AbortError>().toExtend<peer.AbortError>();
expectTypeOf<peer.AbortError>().toExtend<AbortError>();

// What is written for theirs has the same types with ours.
expectTypeOf(ours(async (attempt) => attempt)).toEqualTypeOf<Promise<number>>();
expectTypeOf(ours(() => 'text', { retries: 5 })).toEqualTypeOf<Promise<string>>();
void ours(() => 1, {
  onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
    expectTypeOf(error).toEqualTypeOf<Error>();
    expectTypeOf(attemptNumber + retriesLeft).toEqualTypeOf<number>();
  },
  shouldRetry: ({ error }) => !(error instanceof RangeError),
  shouldConsumeRetry: () => {},
  signal: undefined,
});
// @ts-expect-error no such option.
void ours(() => 1, { maxAttempts: 3 });
// @ts-expect-error the context is for reading.
void ours(() => 1, { onFailedAttempt: (context) => (context.retriesLeft = 1) });
// @ts-expect-error a number is no message.
void new AbortError(5);

const retriable = makeRetriable(async (id: number, name: string) => `${id}${name}`);
expectTypeOf(retriable(1, 'b')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error the name is missing.
void retriable(1);

const account = {
  balance: 1,
  add: makeRetriable(function add(this: { balance: number }, amount: number) {
    return this.balance + amount;
  }),
};
expectTypeOf(account.add(1)).toEqualTypeOf<Promise<number>>();
const { add } = account;
// @ts-expect-error it needs its `this`.
void add(1);
