import { policyContract } from '@holdfast/testing';
import { resilience } from '@holdfast/resilience';
import { describe, test } from 'vitest';

describe('the contract of a resilience on its defaults', () => {
  for (const { name, run } of policyContract(() => resilience())) test(name, run);
});
