import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Tally } from '../src/driver/tally.ts';
import { followPolicies } from '../src/operator/follow-policies.ts';
import { Operator } from '../src/operator/operator.ts';
import { initialPolicies, PoliciesFile, withEdit } from '../src/operator/policies-file.ts';
import { scenario } from '../src/scenario.ts';
import type { OrderMetrics, PolicyNews } from '../src/services/contract.ts';
import { Circuits } from '../src/services/order/circuits.ts';
import { Metrics } from '../src/services/order/metrics.ts';
import { orderPolicies } from '../src/services/order/policies.ts';
import { PolicyLog } from '../src/services/order/policy-log.ts';
import { readPolicies } from '../src/services/policies.ts';

const limitMs = 30_000;
let folder = '';
let file: PoliciesFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-shop-test-'));
  file = await PoliciesFile.copyTo(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const edits = scenario({ isQuick: true }).phases.flatMap((phase) => phase.edits ?? [])[0];
if (edits === undefined) throw new Error('No phase edits the policies.');
const { good } = edits;

test('the policies that the shop begins with defeat nothing, nor do those of the edit', async () => {
  const initial: unknown = JSON.parse(await readFile(initialPolicies, 'utf8'));
  using policies = await readPolicies(file.path, []);
  expect(policies.findings).toEqual([]);
  policies.apply(withEdit(initial, good));
  expect(policies.findings).toEqual([]);
});

test('an edit puts values at paths, and takes names away', () => {
  const data = { a: [{ b: 1, c: 2 }], d: 3 };
  expect(withEdit(data, { 'a.0.b': 5, d: undefined })).toEqual({ a: [{ b: 5, c: 2 }] });
  expect(data.d).toBe(3);
});

test(
  'an operator edits, is told of the mistake, and puts everything back',
  async () => {
    const original = await file.read();
    using policies = await orderPolicies(file.path);
    const metrics = new Metrics();
    const log = new PolicyLog(policies, new Circuits(policies, metrics));
    metrics.policyNews = () => log.news;
    const told: string[] = [];
    void followPolicies({ metrics: async () => metrics.snapshot() }, (line) => told.push(line));
    const tally = new Tally();
    const operator = new Operator({ file, metrics: async () => metrics.snapshot(), tally });

    const down = (): Promise<never> => Promise.reject(new Error('down'));
    for (let i = 0; i < 10; i++) await policies.get('inventory').outcome(down);
    const edited = operator.edit(edits);
    tally.add({ orderId: 'o-1', result: 'degraded', waitedMs: 1 });
    await expect.poll(() => log.news.changed, { timeout: 5_000 }).toBe(1);
    // The circuit closes by itself, by the first call that goes well.
    while (metrics.snapshot().circuits.inventory !== 'closed') {
      await policies.get('inventory').outcome(() => Promise.resolve(new Response()));
      await sleep(10);
    }
    await edited;
    tally.add({ orderId: 'o-2', result: 'confirmed', waitedMs: 1 });
    await operator.putBack();

    const result = operator.result();
    expect(result).toMatchObject({
      circuits: { before: ['open', 'closed'], after: ['open', 'closed'] },
      after: { orders: 1, inFull: 1 },
      refusal: 'templates.attempt.afterMS: is not known here (did you mean "afterMs"?)',
      stayed: true,
    });
    expect(result.changed).toContain('inventory: circuitBreaker configured');
    expect(result.inForceMs).toBeGreaterThan(0);
    expect(result.backMs).toBeGreaterThan(0);
    expect(await file.read()).toBe(original);
    await expect
      .poll(() => told, { timeout: 2_000 })
      .toContainEqual(expect.stringMatching(/^policies\.json changed: /));
  },
  limitMs,
);

test('what has no effect is told so, rather than waited for without end', async () => {
  const policies: PolicyNews = {
    changed: 0,
    refused: 0,
    circuits: { before: [], after: [] },
  };
  const deaf: OrderMetrics = {
    ...new Metrics().snapshot(),
    circuits: { inventory: 'open' },
    policies,
  };
  const tally = new Tally();
  const operator = new Operator({ file, metrics: async () => deaf, tally, waitMs: 60 });
  await operator.edit(edits);
  await operator.putBack();
  expect(operator.result()).toMatchObject({
    inForceMs: undefined,
    refusal: undefined,
    stayed: false,
    backMs: undefined,
  });
});
