import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file with policies, in a folder of its own. */
export const policiesFile: string = join(
  await mkdtemp(join(tmpdir(), 'policies-')),
  'policies.json',
);

await writeFile(
  policiesFile,
  JSON.stringify({
    defaults: { retry: { maxAttempts: 3 } },
    policies: {
      payment: [{ type: 'timeout', afterMs: 2_000 }, { type: 'retry' }, { type: 'circuitBreaker' }],
      stock: [{ type: 'timeout', afterMs: 500 }],
    },
  }),
);
