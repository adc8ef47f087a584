import { type ConfigSource, isConfigReadError, mergedSource, objectSource } from '@holdfast/config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeData } from '../../src/sources/merge-data.ts';
import { follow } from './follow.ts';
import { unwatched } from './unwatched.ts';

const signal = new AbortController().signal;

describe('objectSource', () => {
  test('copies what it is given, and counts', async () => {
    const data = { policies: { a: [1] } };
    const source = objectSource(data);
    data.policies.a.push(2);
    expect(await source.read({ signal })).toEqual({ data: { policies: { a: [1] } }, version: '1' });
    source.set(data);
    expect(await source.read({ signal })).toEqual({ data, version: '2' });
  });

  test('keeps what it has when it is given what is no data', async () => {
    const source = objectSource({ a: 1 });
    expect(() => source.set({ a: () => {} })).toThrow('could not be cloned');
    expect(await source.read({ signal })).toEqual({ data: { a: 1 }, version: '1' });
  });

  test('bears a listener that sets anew, and ends what it tells', async () => {
    const source = objectSource(0);
    const told: unknown[] = [];
    const watch = source.watch({
      changed: ({ data }) => {
        told.push(data);
        if (data === 1) source.set(2);
        if (data === 2) watch.close();
      },
      failed: () => {},
    });
    await Promise.resolve();
    source.set(1);
    source.set(3);
    expect(told).toEqual([0, 1, 2]);
  });

  test('fails with the error itself, until it is set', async () => {
    const source = objectSource(0);
    const error = new Error('away');
    source.fail(error);
    await expect(source.read({ signal })).rejects.toBe(error);
    source.set(1);
    expect(await source.read({ signal })).toMatchObject({ data: 1 });
  });
});

describe('mergedSource', () => {
  const below = { policies: { a: [1, 2], b: [3] }, version: 1 };

  test('merges objects, and takes lists and all else as a whole', async () => {
    const above = { policies: { a: [9], c: [] }, budgets: null };
    const source = mergedSource([objectSource(below), objectSource(above)]);
    expect(source.name).toBe('object + object');
    expect(await source.read({ signal })).toEqual({
      data: { policies: { a: [9], b: [3], c: [] }, version: 1, budgets: null },
      version: '1 + 1',
    });
  });

  test('goes on with what it has of a source that fails, and tells', async () => {
    const [base, overrides] = [objectSource(below), objectSource({})];
    const { told, tells } = follow(mergedSource([base, overrides]));
    await tells(below);
    base.fail(new Error('away'));
    expect(told.at(-1)).toEqual(new Error('away'));
    overrides.set({ version: 2 });
    // Not that all is well again: it is not.
    expect(told.slice(-2)).toEqual([
      { data: { ...below, version: 2 }, version: '1 + 2' },
      new Error('away'),
    ]);
    base.set(below);
    await tells({ ...below, version: 2 });
  });

  test('leaves no watch behind where one of them cannot begin', () => {
    let open = 0;
    const counted: ConfigSource = {
      ...objectSource({}),
      watch: () => {
        open += 1;
        return { close: () => void open-- };
      },
    };
    const broken: ConfigSource = {
      ...objectSource({}),
      watch: () => {
        throw new Error('no more watches');
      },
    };
    const source = mergedSource([counted, broken]);
    expect(() => follow(source)).toThrow('no more watches');
    expect(open).toBe(0);
  });

  test('tells a failure where a source without a watch throws at once', async () => {
    const broken: ConfigSource = {
      name: 'broken',
      read: () => {
        throw new Error('at once');
      },
    };
    const { told } = follow(mergedSource([objectSource({}), broken]));
    await expect.poll(() => told).toEqual([new Error('at once')]);
  });

  test('tells nothing but failures before it has all', async () => {
    const [base, overrides] = [objectSource(below), objectSource({})];
    overrides.fail(new Error('away'));
    const { told, tells } = follow(mergedSource([base, overrides]));
    await expect.poll(() => told.length).toBe(1);
    base.set({});
    expect(told).toEqual([new Error('away')]);
    overrides.set({ version: 2 });
    await tells({ version: 2 });
  });

  test('asks a source without a watch once', async () => {
    const still = unwatched({ version: 3 });
    const base = objectSource(below);
    const { tells } = follow(mergedSource([base, still]));
    await tells({ ...below, version: 3 });
    base.set({ policies: {} });
    await tells({ policies: {}, version: 3 });
    expect(mergedSource([still])).not.toHaveProperty('watch');
  });

  test('tells nothing after its end, though a read was under way', async () => {
    const { told, close } = follow(mergedSource([objectSource(below), unwatched({})]));
    close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
  });

  test('names what is no source', () => {
    expect(() => mergedSource([])).toThrow('`sources`');
    expect(() => mergedSource([objectSource({}), {} as never])).toThrow('`sources[1]`');
  });
});

test('what is merged has all of what is above, and the rest of what is below', () => {
  const data = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__', 'constructor'),
    fc.oneof(
      fc.integer(),
      fc.array(fc.integer()),
      fc.dictionary(fc.constantFrom('a', '__proto__'), fc.integer()),
    ),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(data, data, (one, two) => {
      expect(mergeData(one, one)).toEqual(one);
      const merged = mergeData(one, two) as Record<string, unknown>;
      for (const [name, value] of Object.entries(two)) {
        const expected = Object.hasOwn(one, name) ? mergeData(one[name], value) : value;
        expect(merged[name]).toEqual(expected);
      }
      const names = new Set([...Object.keys(one), ...Object.keys(two)]);
      expect(new Set(Object.keys(mergeData(one, two) as object))).toEqual(names);
      expect(({} as { a?: unknown }).a).toBeUndefined();
    }),
  );
});

test('errors are known by their brand', () => {
  expect(isConfigReadError({ isConfigReadError: true })).toBe(true);
  expect(isConfigReadError(new Error('other'))).toBe(false);
});
