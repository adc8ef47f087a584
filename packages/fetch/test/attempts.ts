import { definePolicy, type Policy, type RetryBudget } from '@holdfast/policy';

/** A bare retry: as many attempts as `again` asks for, with the budget of the call. */
export function attempts(again: (value: Response | undefined, error: unknown) => boolean): Policy {
  return definePolicy('attempts', async (next, context) => {
    for (;;) {
      const { retryBudget } = context;
      const outcome = await settle(next);
      const wanted = again(outcome.value as Response | undefined, outcome.error);
      if (wanted && mayRetry(retryBudget)) continue;
      if (outcome.isError) throw outcome.error;
      return outcome.value as never;
    }
  });
}

/** A policy that runs the inside a second time, whatever came out, and asks nobody. */
export const twice: Policy = definePolicy('twice', async (next) => {
  await settle(next);
  return (await next()) as never;
});

function mayRetry(budget: RetryBudget | undefined): boolean {
  return budget === undefined || budget.tryRetry();
}

async function settle(
  next: () => Promise<unknown>,
): Promise<{ value?: unknown; error?: unknown; isError: boolean }> {
  try {
    return { value: await next(), isError: false };
  } catch (error) {
    return { error, isError: true };
  }
}
