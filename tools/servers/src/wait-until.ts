import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait for something, and how often to look. */
export interface Patience {
  readonly timeoutMs: number;
  /** @default 20 */
  readonly everyMs?: number | undefined;
}

/** Asks until the answer is yes: true, or false when the time is over. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  { timeoutMs, everyMs = 20 }: Patience,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) return false;
    await sleep(everyMs);
  }
  return true;
}
