import { policyContract } from '@holdfast/testing';
import { cache } from '@holdfast/cache';
import { describe, test } from 'vitest';

describe('the contract of a cache on its defaults', () => {
  for (const { name, run } of policyContract(() => cache())) test(name, run);
});
