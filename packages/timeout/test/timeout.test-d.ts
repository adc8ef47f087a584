import { compose, type Policy } from '@holdfast/policy';
import { type TimedOutEvent, type Timeout, timeout } from '@holdfast/timeout';
import { expectTypeOf } from 'vitest';

expectTypeOf(timeout()).toEqualTypeOf<Timeout>();
expectTypeOf(timeout().execute(async () => 1)).toEqualTypeOf<Promise<number>>();
timeout({ afterMs: (context) => context.attempt * 1_000, mode: undefined });
timeout().on('timed-out', (event) => expectTypeOf(event).toEqualTypeOf<TimedOutEvent>());

// What closes a late result is what operations may return.
interface Connection {
  close(): void;
}
const connecting = timeout({ onLateResult: (connection: Connection) => connection.close() });
expectTypeOf(connecting).toEqualTypeOf<Timeout<Connection>>();
expectTypeOf(
  connecting.execute(() => ({ close: () => undefined, port: 80 })),
).resolves.toEqualTypeOf<{
  close: () => undefined;
  port: number;
}>();
// @ts-expect-error a number cannot be closed
void connecting.execute(() => 5);
// @ts-expect-error nor in a pipeline
void compose(timeout(), connecting).execute(() => 5);
const anyPolicy: Policy = timeout();
void anyPolicy;

// @ts-expect-error a mode of another library
timeout({ mode: 'optimistic' });
// @ts-expect-error seconds as text
timeout({ afterMs: '2s' });
// @ts-expect-error there is no such event
timeout().on('timeout', () => undefined);
