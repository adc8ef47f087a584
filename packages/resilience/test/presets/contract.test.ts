import {
  awsStandardRetry,
  googleSre,
  hystrixDefaults,
  resilience4jDefaults,
  standardPipeline,
} from '@holdfast/resilience';
import { type MakePolicy, policyContract } from '@holdfast/testing';
import { describe, test } from 'vitest';

const room = { maxConcurrent: 10, maxQueued: 1_000 };

/** With one attempt and room for all, they change nothing. */
const subjects: Readonly<Record<string, MakePolicy>> = {
  standardPipeline: ({ clock }) => standardPipeline({ clock, retry: { maxAttempts: 1 } }),
  awsStandardRetry: ({ clock }) => awsStandardRetry({ clock, maxAttempts: 1 }),
  hystrixDefaults: ({ clock }) =>
    hystrixDefaults({ clock, bulkhead: room, circuitBreaker: { minimumCalls: 1_000_000 } }),
  resilience4jDefaults: ({ clock }) =>
    resilience4jDefaults({ clock, bulkhead: room, retry: { maxAttempts: 1 } }),
  googleSre: ({ clock, random }) =>
    googleSre({
      clock,
      retry: { maxAttempts: 1 },
      throttle: { minimumCalls: 1_000_000, random },
    }),
};

for (const [subject, make] of Object.entries(subjects)) {
  describe(`the contract of ${subject}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}
