import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bulkhead } from '@holdfast/bulkhead';
import { faultServer, respond } from '@holdfast/testing';
import { expect, test } from 'vitest';
import { wrapFetch } from '../src/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a big body that everybody has forgotten gives its place back', async () => {
  await using server = await faultServer();
  server.script('*', [respond({ body: 'x'.repeat(2_000_000) })]);
  const places = bulkhead({ maxConcurrent: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  // In a function of its own, so that nothing here refers to the response.
  const status = async (): Promise<number> => {
    return (await wrapFetch(fetch, places)(server.url, { signal })).status;
  };

  expect(await status()).toBe(200);
  await expect
    .poll(
      () => {
        collectGarbage();
        return places.active;
      },
      { timeout: 500, interval: 20 },
    )
    .toBe(0);
});
