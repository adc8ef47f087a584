import { fileURLToPath } from 'node:url';
import { definePolicy, guarded, guardMethod, noop, type Policy } from '@holdfast/policy';
import { build } from 'esbuild';
import { beforeEach, describe, expect, test } from 'vitest';
import type * as decorated from './decorated.ts';

type Decorated = typeof decorated;

/** Type stripping leaves decorators as they are, and Node does not know them. */
async function compiled(): Promise<Decorated> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('decorated.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@holdfast/source'],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as Decorated;
}

const { calls, Shop, Stock } = await compiled();

beforeEach(() => {
  calls.length = 0;
});

describe('a decorated method', () => {
  test('runs under the policy with its own this and arguments', async () => {
    expect(await new Stock(5).read('apple', 2)).toBe('apple on 2: 5');
    expect(calls).toEqual(['noted', 'read']);
  });

  test('rejects with the very error of the method', async () => {
    const error = new Error('boom');
    await expect(new Stock(5).fail(error)).rejects.toBe(error);
  });

  test('may be called more than once by the policy', async () => {
    expect(await new Stock(5).count()).toBe(2);
  });

  test('may have a symbol for its name, and several policies, the first one outermost', async () => {
    expect(await new Stock(5)[Symbol.asyncDispose]()).toBe(5);
    expect(calls).toEqual(['noted', 'noted']);
  });

  test('may be private', async () => {
    expect(await new Stock(5).readSecret()).toBe(10);
    expect(calls).toEqual(['noted']);
  });

  test('may be static', async () => {
    expect((await Stock.open(3)).pieces).toBe(3);
    expect(calls).toEqual(['noted']);
  });

  test('keeps its name and its number of parameters, and stays on the prototype', () => {
    expect(Stock.prototype).toHaveProperty('read.name', 'read');
    expect(Stock.prototype).toHaveProperty('read.length', 1);
    expect(Object.keys(new Stock(1))).toEqual(['pieces']);
    expect(Object.getOwnPropertyDescriptor(Stock.prototype, 'read')?.enumerable).toBe(false);
  });

  test('may be overridden and called by super', async () => {
    expect(await new Shop(5).read('apple')).toBe('shop apple on 7: 5');
  });
});

describe('guarded', () => {
  test.each(['getter', 'setter', 'field', 'accessor', 'class'])('refuses a %s', (kind) => {
    const decorate = guarded(noop) as unknown as (value: unknown, context: unknown) => unknown;
    expect(() => decorate(() => 1, { kind, name: 'stock' })).toThrow(
      new TypeError(`Expected \`guarded\` to decorate a method, got the ${kind} stock.`),
    );
  });

  test('refuses to be a decorator of the old kind', () => {
    const decorate = guarded(noop) as unknown as (...args: unknown[]) => unknown;
    expect(() => decorate({}, 'read', { value: () => 1 })).toThrow('experimentalDecorators');
    expect(() => decorate(() => 1)).toThrow('experimentalDecorators');
  });

  test('refuses what is no policy', () => {
    expect(() => guarded({} as Policy)).toThrow('Expected `policy` to be a policy, got an object.');
  });
});

describe('guardMethod', () => {
  const noted = definePolicy('noted', (next) => {
    calls.push('noted');
    return next();
  });

  test('puts a method under a policy where decorators cannot be written', async () => {
    class Plain {
      readonly pieces = 5;
      async read(sku: string): Promise<string> {
        return `${sku}: ${this.pieces}`;
      }
      static async open(): Promise<number> {
        return 1;
      }
    }
    guardMethod(Plain.prototype, 'read', noted);
    guardMethod(Plain, 'open', noted);

    expect(await new Plain().read('apple')).toBe('apple: 5');
    expect(await Plain.open()).toBe(1);
    expect(calls).toEqual(['noted', 'noted']);
    expect(Plain.prototype).toHaveProperty('read.name', 'read');
    expect(Object.getOwnPropertyDescriptor(Plain.prototype, 'read')?.enumerable).toBe(false);
  });

  test('leaves the class alone from which a method is inherited', async () => {
    class Base {
      async read(): Promise<number> {
        return 1;
      }
    }
    class Derived extends Base {}
    guardMethod(Derived.prototype, 'read', noted);

    await new Base().read();
    expect(calls).toEqual([]);
    await new Derived().read();
    expect(calls).toEqual(['noted']);
  });

  test('refuses what is no method or no policy', () => {
    const target = { pieces: 1 };
    const guard = guardMethod as (...args: unknown[]) => void;
    expect(() => guard(target, 'pieces', noop)).toThrow('Expected `pieces` to be a method, got 1.');
    expect(() => guard({ read: async () => 1 }, 'read', 1)).toThrow('Expected `policy` to be');
  });
});
