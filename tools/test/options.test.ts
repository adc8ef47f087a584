import { expect, test } from 'vitest';
import { optionProperties } from '../source/options.ts';

test('reads the options of exported interfaces and their defaults', () => {
  const source = `
    export interface RetryOptions {
      /**
       * How often.
       *
       * @default 3
       */
      readonly maxAttempts?: number | undefined;
      readonly budget: object;
    }
    interface HiddenOptions { a: 1 }
    export interface Retry { b: 1 }
  `;

  expect(optionProperties('options.ts', source)).toEqual([
    { owner: 'RetryOptions', name: 'maxAttempts', isOptional: true, defaultTag: '3' },
    { owner: 'RetryOptions', name: 'budget', isOptional: false, defaultTag: undefined },
  ]);
});
