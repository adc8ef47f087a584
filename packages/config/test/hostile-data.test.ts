import { policiesFrom } from '@holdfast/config';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { validatorOf } from './schema-validator.ts';

const fits = validatorOf(
  JSON.parse(readFileSync('packages/config/schema.json', 'utf8')) as object as never,
);

describe('names that mean something to every object', () => {
  test.each(['templates', 'budgets', 'layers', 'policies'])('are refused in %s', (where) => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      for (const value of ['5', '[]', '[{"type":"retry"}]', '{"type":"retry"}']) {
        const data: unknown = JSON.parse(
          where === 'policies'
            ? `{"policies":{"${name}":${value}}}`
            : `{"${where}":{"${name}":${value}},"policies":{}}`,
        );
        expect(() => policiesFrom(data)).toThrow(`${where}.${name}: must have another name`);
        expect(fits(data)).toBe(false);
      }
    }
  });

  test('are unknown as options', () => {
    const data: unknown = JSON.parse(
      '{"policies":{"p":[{"type":"retry","constructor":1,"toString":2,"__proto__":3}]}}',
    );
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(() => policiesFrom(data)).toThrow(`policies.p[0].${name}: is not known here`);
    }
    expect(fits(data)).toBe(false);
  });

  test('may stand in the value of a fallback', async () => {
    const data: unknown = JSON.parse(
      '{"policies":{"p":[{"type":"fallback","value":{"__proto__":{"a":1}}}]}}',
    );
    const value = await policiesFrom(data)
      .get<object>('p')
      .execute(() => Promise.reject(new Error('down')));
    expect(Object.getOwnPropertyNames(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('data of any size', () => {
  const long = 'x'.repeat(5_000_000);

  test.each([
    ['the name of a function', { type: 'retry', shouldRetry: long }],
    ['a type', { type: long }],
    ['an option', { type: 'retry', [long]: 1 }],
    ['a choice', { type: 'timeout', mode: long }],
    ['a template', { type: 'retry', extends: long }],
    ['a budget', { type: 'retry', budget: long }],
    ['a shared layer', long],
  ])('is refused in a short message: %s', (_what, layer) => {
    const config = {
      budgets: { b: { kind: 'retryBudget' } },
      layers: { l: { type: 'retry' } },
      templates: { t: { type: 'retry' } },
      policies: { p: [layer] },
    };
    const functions = { isBusy: () => true };
    try {
      policiesFrom(config, { functions });
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(500);
      expect((error as Error).message).toContain('"xxxxx');
    }
  });

  test('is refused when what stands in it again and again makes it endless', () => {
    let data: unknown = {};
    for (let i = 0; i < 28; i++) data = [data, data];
    expect(() => policiesFrom({ policies: data })).toThrow(
      'must not have more than 1000000 values',
    );
  });

  test('is refused where it is inside itself, and not where it stands twice', () => {
    const layer: Record<string, unknown> = { type: 'retry' };
    expect(policiesFrom({ policies: { a: [layer], b: [layer] } }).names).toEqual(['a', 'b']);
    layer['backoff'] = layer;
    expect(() => policiesFrom({ policies: { a: [layer] } })).toThrow(
      'policies.a[0].backoff: must not be inside itself',
    );
  });

  test('is refused when looking at it fails', () => {
    const trap = {
      get policies(): never {
        throw new Error('gone');
      },
    };
    expect(() => policiesFrom(trap)).toThrow('must be plain data; reading it failed: gone');
  });

  test('is refused where a list has a place with nothing in it', () => {
    const holes: unknown[] = [];
    holes[1] = { type: 'retry' };
    expect(() => policiesFrom({ policies: { a: holes } })).toThrow(
      'policies.a[0]: must be plain data; got undefined',
    );
  });
});

test('the problem of a missing pipeline has a path that can be read', () => {
  expect(() => policiesFrom({ policies: {} } as object, { names: ['eu.v2'] })).toThrow(
    'policies["eu.v2"]: is missing',
  );
});
