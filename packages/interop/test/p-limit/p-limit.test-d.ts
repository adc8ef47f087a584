import ours, { limitFunction, type LimitFunction, type Options } from '@holdfast/interop/p-limit';
import theirs, * as peer from 'p-limit';
import { expectTypeOf } from 'vitest';

// Each can stand where the other does.
const asTheirs: typeof theirs = ours;
const asOurs: typeof ours = theirs;
const functionAsTheirs: typeof peer.limitFunction = limitFunction;
const functionAsOurs: typeof limitFunction = peer.limitFunction;
void [asTheirs, asOurs, functionAsTheirs, functionAsOurs];
expectTypeOf<Options>().toExtend<peer.Options>();
expectTypeOf<peer.Options>().toExtend<Options>();
expectTypeOf<LimitFunction>().toExtend<peer.LimitFunction>();
expectTypeOf<peer.LimitFunction>().toExtend<LimitFunction>();
expectTypeOf<keyof LimitFunction>().toEqualTypeOf<keyof peer.LimitFunction>();

// What is written for theirs has the same types with ours.
const limit = ours({ concurrency: 2 });
expectTypeOf(limit(async () => 5)).toEqualTypeOf<Promise<number>>();
expectTypeOf(limit((a: number, b: string) => `${a}${b}`, 1, 'b')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error the argument is no number.
void limit((a: number) => a, 'b');
expectTypeOf(limit.map(new Set(['a']), async (item, index) => item.length + index)).toEqualTypeOf<
  Promise<number[]>
>();
// @ts-expect-error the counts are for reading.
limit.activeCount = 1;
limit.concurrency = 4;
expectTypeOf(limit.clearQueue).toEqualTypeOf<() => void>();

const limited = limitFunction(async (id: number) => String(id), { concurrency: 1 });
expectTypeOf(limited(1)).toEqualTypeOf<Promise<string>>();
limited.clearQueue();
// @ts-expect-error the options need a concurrency.
limitFunction(async () => 1, {});
