import { policyContract } from '@holdfast/testing';
import { hedge } from '@holdfast/hedge';
import { describe, test } from 'vitest';

describe('the contract of a hedge on its defaults', () => {
  for (const { name, run } of policyContract(() => hedge())) test(name, run);
});
