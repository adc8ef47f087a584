import { expect, test } from 'vitest';
import { parseFlags, UsageError } from '../src/flags.ts';

const phases = ['healthy', 'overload'];

test('without flags there is a full run with the first seed', () => {
  expect(parseFlags([], phases)).toEqual({
    help: false,
    json: false,
    keep: false,
    quick: false,
    only: [],
    seed: 1,
  });
});

test('flags are read', () => {
  const flags = parseFlags(['--quick', '--seed', '42', '--only', 'overload'], phases);
  expect(flags).toMatchObject({ quick: true, seed: 42, only: ['overload'] });
});

test.each([
  [['--quik'], '--quik'],
  [['--seed', 'x'], '--seed'],
  [['--only', 'fire'], 'healthy, overload'],
  [['now'], 'now'],
])('%j cannot be used, and the error says why', (args, part) => {
  expect(() => parseFlags(args, phases)).toThrow(UsageError);
  expect(() => parseFlags(args, phases)).toThrow(part);
});
