import fastify from 'fastify';
import { expect, test } from 'vitest';
import { addFaultSwitch } from '../src/services/fault-switch.ts';

test('a fault may strike every third request only, counted from its beginning', async () => {
  const app = fastify();
  addFaultSwitch(app, 1);
  app.get('/', () => 'answer');
  const latencyMs = 400;
  const tell = (fault: object): Promise<unknown> =>
    app.inject({ method: 'PUT', url: '/control/fault', payload: fault });
  const isSlow = async (): Promise<boolean> => {
    const begin = performance.now();
    await app.inject({ url: '/' });
    return performance.now() - begin >= 0.75 * latencyMs - 2;
  };

  await tell({ kind: 'slow', latencyMs, every: 3 });
  expect([await isSlow(), await isSlow(), await isSlow(), await isSlow()]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  await tell({ kind: 'slow', latencyMs, every: 3 });
  expect([await isSlow(), await isSlow()]).toEqual([false, false]);
  await app.close();
});
