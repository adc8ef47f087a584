import { type TimedOutEvent, type Timeout, timeout } from '@holdfast/timeout';
import { expectTypeOf } from 'vitest';

expectTypeOf(timeout()).toEqualTypeOf<Timeout>();
expectTypeOf(timeout().execute(async () => 1)).toEqualTypeOf<Promise<number>>();
timeout({ afterMs: (context) => context.attempt * 1_000, mode: undefined });
timeout().on('timed-out', (event) => expectTypeOf(event).toEqualTypeOf<TimedOutEvent>());

// @ts-expect-error a mode of another library
timeout({ mode: 'optimistic' });
// @ts-expect-error seconds as text
timeout({ afterMs: '2s' });
// @ts-expect-error there is no such event
timeout().on('timeout', () => undefined);
