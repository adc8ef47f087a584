import { policyContract } from '@holdfast/testing';
import { chaos } from '@holdfast/chaos';
import { describe, test } from 'vitest';

describe('the contract of a chaos on its defaults', () => {
  for (const { name, run } of policyContract(() => chaos())) test(name, run);
});
