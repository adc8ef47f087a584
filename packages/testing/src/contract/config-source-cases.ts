import assert from 'node:assert/strict';
import type { ConfigSourceSubject, SourceReading } from './config-source-subject.ts';
import { assertUnheard, nextTurn, rejectionOf } from './probe.ts';
import { soon, type WatchedSource } from './watched-source.ts';

/** What a case works with. */
interface SourceCaseTools {
  readonly subject: ConfigSourceSubject;
  readonly read: (signal?: AbortSignal) => Promise<SourceReading>;
  /** Watches until the case has ended. */
  readonly watch: () => WatchedSource;
}

/** One case, before it is known for which source. */
export interface SourceCase {
  readonly name: string;
  readonly needs?: readonly ('watches' | 'fails')[] | undefined;
  readonly check: (tools: SourceCaseTools) => void | Promise<void>;
}

const reasons: readonly unknown[] = [new Error('shutting down'), undefined, null, 'stop'];
/** Long enough for what was under way, short enough to be patient for in each case. */
const calmMs = 50;

const readCases: readonly SourceCase[] = [
  {
    name: 'has a name',
    check({ subject }) {
      assert.equal(typeof subject.source.name, 'string');
      assert.notEqual(subject.source.name, '');
    },
  },
  {
    name: 'reads what was written before, every time',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      assert.deepEqual((await read()).data, retrying(2));
      assert.deepEqual((await read()).data, retrying(2));
      await subject.write(retrying(5));
      assert.deepEqual((await read()).data, retrying(5));
    },
  },
  {
    name: 'gives different versions, if any, to different data',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      const { version } = await read();
      await subject.write(retrying(5));
      const { version: other } = await read();
      assert.ok(version === undefined || typeof version === 'string');
      assert.equal(other === undefined, version === undefined);
      if (version !== undefined) assert.notEqual(other, version);
    },
  },
  {
    name: 'gives data that whoever gets it may change',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      const { data } = await read();
      (data as { policies: unknown }).policies = 'changed';
      assert.deepEqual((await read()).data, retrying(2));
    },
  },
  {
    name: 'answers each of many reads at a time',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      const readings = await Promise.all(Array.from({ length: 20 }, async () => read()));
      for (const { data } of readings) assert.deepEqual(data, retrying(2));
    },
  },
  {
    name: 'rejects with the reason of a signal that is aborted already',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      for (const given of reasons) {
        const signal = AbortSignal.abort(given);
        assert.ok(Object.is(await rejectionOf(read(signal)), signal.reason));
        assertUnheard(signal);
      }
    },
  },
  {
    name: 'rejects with the reason of a signal that is aborted while it reads',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      for (const given of reasons) {
        const caller = new AbortController();
        const reading = read(caller.signal);
        caller.abort(given);
        assert.ok(Object.is(await rejectionOf(reading), caller.signal.reason));
        await nextTurn();
        assertUnheard(caller.signal);
      }
      assert.deepEqual((await read()).data, retrying(2));
    },
  },
  {
    name: 'leaves no listener on the signal of a read that has ended',
    async check({ subject, read }) {
      await subject.write(retrying(2));
      const { signal } = new AbortController();
      for (let reads = 0; reads < 20; reads++) await read(signal);
      await nextTurn();
      assertUnheard(signal);
    },
  },
  {
    name: 'rejects a read with an error while it cannot, and reads again when it can',
    needs: ['fails'],
    async check({ subject, read }) {
      await subject.write(retrying(2));
      await subject.damage?.();
      assert.ok((await rejectionOf(read())) instanceof Error);
      await subject.write(retrying(5));
      assert.deepEqual((await read()).data, retrying(5));
    },
  },
];

const watchCases: readonly SourceCase[] = [
  {
    name: 'tells a watch what there is, and each change',
    needs: ['watches'],
    async check({ subject, watch }) {
      await subject.write(retrying(2));
      const watched = watch();
      await watched.tells(retrying(2));
      await subject.write(retrying(5));
      await watched.tells(retrying(5));
      await subject.write(retrying(2));
      await watched.tells(retrying(2));
      assert.deepEqual(watched.told.errors, []);
    },
  },
  {
    name: 'loses no change between a read and a watch',
    needs: ['watches'],
    async check({ subject, read, watch }) {
      await subject.write(retrying(2));
      await read();
      await subject.write(retrying(5));
      await watch().tells(retrying(5));
    },
  },
  {
    name: 'tells the last of many changes in quick succession',
    needs: ['watches'],
    async check({ subject, watch }) {
      await subject.write(retrying(2));
      const watched = watch();
      await watched.tells(retrying(2));
      for (let number = 1; number <= 20; number++) await subject.write(retrying(number));
      await watched.tells(retrying(20));
    },
  },
  {
    name: 'tells nothing after the end of a watch, which may be ended twice',
    needs: ['watches'],
    async check({ subject, watch }) {
      await subject.write(retrying(2));
      const ended = watch();
      const other = watch();
      await ended.tells(retrying(2));
      ended.close();
      ended.close();
      const told = ended.told.readings.length;
      await subject.write(retrying(5));
      await other.tells(retrying(5));
      watch().close();
      await subject.tick?.();
      await soon(calmMs);
      assert.equal(ended.told.readings.length, told);
    },
  },
  {
    name: 'tells several watches data of their own',
    needs: ['watches'],
    async check({ subject, watch }) {
      await subject.write(retrying(2));
      const [one, other] = [watch(), watch()];
      await one.tells(retrying(2));
      await other.tells(retrying(2));
      const data = one.told.readings.at(-1)?.data as { policies: unknown };
      data.policies = 'changed';
      assert.deepEqual(other.told.readings.at(-1)?.data, retrying(2));
    },
  },
  {
    name: 'tells a watch that it cannot be read, and then what there is, be it the same',
    needs: ['watches', 'fails'],
    async check({ subject, watch }) {
      await subject.write(retrying(2));
      const watched = watch();
      await watched.tells(retrying(2));
      const told = watched.told.readings.length;
      await subject.damage?.();
      await watched.tellsFailure();
      assert.ok(watched.told.errors.at(-1) instanceof Error);
      assert.equal(watched.told.readings.length, told);
      watched.told.readings.length = 0;
      await subject.write(retrying(2));
      await watched.tells(retrying(2));
    },
  },
  {
    name: 'can be watched from before it can be read',
    needs: ['watches', 'fails'],
    async check({ subject, watch }) {
      await subject.damage?.();
      const watched = watch();
      await watched.tellsFailure();
      await subject.write(retrying(2));
      await watched.tells(retrying(2));
    },
  },
];

/** Made anew each time: a source must not hand out what was written into its store. */
function retrying(maxAttempts: number): Readonly<Record<string, unknown>> {
  const payment = [
    { type: 'timeout', afterMs: 250.5 },
    { type: 'retry', maxAttempts },
  ];
  return { policies: { payment, 'stock-eu': [{ type: 'retry', shouldRetry: 'busy' }] } };
}

/** All cases of the contract of a source. */
export const sourceCases: readonly SourceCase[] = [...readCases, ...watchCases];
