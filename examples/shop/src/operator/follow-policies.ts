import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from '../processes/side.ts';

const pollMs = 200;

/** Tells each change of `policies.json`, and each refusal, for as long as the side runs. */
export async function followPolicies(
  side: Pick<Side, 'metrics'>,
  tell: (line: string) => void,
): Promise<void> {
  let seen: number | undefined;
  for (;;) {
    const metrics = await side.metrics().catch(() => undefined);
    if (metrics === undefined) return;
    const { changed = 0, latest, refused = 0 } = metrics.policies ?? {};
    const count = changed + refused;
    if (seen !== undefined && count > seen && latest)
      tell(`policies.json ${latest.kind}: ${latest.text}`);
    seen = count;
    await sleep(pollMs);
  }
}
