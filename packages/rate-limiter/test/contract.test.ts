import { policyContract } from '@holdfast/testing';
import { rateLimiter } from '@holdfast/rate-limiter';
import { describe, test } from 'vitest';

describe('the contract of a rate limiter on its defaults', () => {
  for (const { name, run } of policyContract(() => rateLimiter())) test(name, run);
});
