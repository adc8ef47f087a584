import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose, definePolicy } from '@holdfast/policy';
import {
  faultServer,
  policyContract,
  respond,
  seededRandom,
  virtualClock,
} from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
// #region usage
import { fails, hangs, returns, scenario } from '@holdfast/testing';
import { retry } from '@holdfast/retry';

await scenario((clock) =>
  compose(retry({ maxAttempts: 3, clock }), timeout({ afterMs: 100, clock })),
)
  .when([fails(new Error('reset')), hangs(), returns('5 apples')])
  .expect({ value: '5 apples', operations: 3, attempts: 3 });
// #endregion

{
  // #region clock
  const clock = virtualClock();
  const call = timeout({ afterMs: 3_600_000, clock }).outcome(() => new Promise<never>(() => {}));

  await clock.advance(3_599_999); // nothing has happened yet
  await clock.advance(1);

  console.log((await call).ok); // false
  // #endregion
  assert.equal((await call).ok, false);
}

{
  // #region random
  const random = seededRandom(42);

  console.log(random() === seededRandom(42)()); // true: the same numbers in every run
  // #endregion
  assert.equal(seededRandom(42)(), seededRandom(42)());
}

{
  // #region server
  await using server = await faultServer();
  server.script('/stock', [respond({ status: 503 }), respond({ body: { apples: 5 } })]);

  const first = await fetch(`${server.url}/stock`);
  const second = await fetch(`${server.url}/stock`);
  console.log(first.status, second.status); // 503 200
  // #endregion
  assert.deepEqual([first.status, second.status], [503, 200]);
  await Promise.all([first.text(), second.text()]);
}

{
  // #region contract
  const logged = () => definePolicy('logged', (next) => next());

  for (const { name, run } of policyContract(({ clock }) =>
    compose(timeout({ clock }), logged()),
  )) {
    void test(name, run);
  }
  // #endregion
}
