import { describe, expect, test } from 'vitest';
import { descendantsOf, parsePs, parseStat, type ProcessEntry } from '../src/process-tree.ts';

describe('parseStat', () => {
  test('reads the parent and the state behind a name with spaces and brackets', () => {
    expect(parseStat('42 (a (b) c) S 7 42 42 0 -1')).toEqual(one(42, 7));
  });

  test('takes no process for a zombie of which threads are left', () => {
    const line = (threads: number): string => `42 (java) Z 7 ${'0 '.repeat(15)}${threads} 0 0`;
    expect(parseStat(line(3))).toEqual(one(42, 7));
    expect(parseStat(line(1))).toEqual({ ...one(42, 7), isZombie: true });
  });

  test('tells zombies and stopped processes', () => {
    expect(parseStat('42 (sh) Z 7')).toEqual({ ...one(42, 7), isZombie: true });
    expect(parseStat('42 (sh) T 7')).toEqual({ ...one(42, 7), isStopped: true });
  });
});

test('parsePs reads one process a line', () => {
  expect(parsePs('    1     0 Ss\n   42     1 T+\n\n')).toEqual([
    one(1, 0),
    { ...one(42, 1), isStopped: true },
  ]);
});

describe('descendantsOf', () => {
  test('gives children and theirs, parents first', () => {
    const processes = [one(4, 3), one(3, 2), one(2, 1), one(9, 1)];
    expect(descendantsOf(2, processes)).toEqual([3, 4]);
    expect(descendantsOf(1, processes)).toEqual([2, 3, 4, 9]);
  });

  test('leaves out those that have ended', () => {
    expect(descendantsOf(1, [{ ...one(2, 1), isZombie: true }])).toEqual([]);
  });
});

function one(pid: number, parent: number): ProcessEntry {
  return { pid, parent, isZombie: false, isStopped: false };
}
