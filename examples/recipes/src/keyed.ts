import assert from 'node:assert/strict';
import { bulkhead } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
// #region usage
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { contextKey, keyed } from '@holdfast/policy';

const host = contextKey<string>('host');
const breakers = keyed((name) => circuitBreaker({ name, trip: consecutiveFailures(2) }), {
  key: (context) => context.get(host),
  maxKeys: 500,
});

const ask = (name: string) => breakers.outcome(() => request(name), { properties: [host(name)] });

for (let i = 0; i < 3; i++) await ask('a.example'); // it is down
console.log((await ask('b.example')).ok); // true: another host, another circuit
console.log(breakers.get('a.example').state); // open
// #endregion

function request(name: string): string {
  if (name === 'a.example') throw new Error('down');
  return `hello from ${name}`;
}

assert.equal(breakers.get('a.example').state, 'open');
assert.equal((await ask('b.example')).ok, true);

{
  // #region pipeline
  const tenant = contextKey<string>('tenant');
  const perTenant = keyed(
    () => compose(retry({ backoff: constant(10) }), bulkhead({ maxConcurrent: 5 })),
    { key: (context) => context.get(tenant) },
  );
  const api = compose(timeout({ afterMs: 2_000 }), perTenant, timeout({ afterMs: 500 }));

  const answer = await api.execute(() => 'done', { properties: [tenant('acme')] });
  console.log(answer, [...perTenant.keys()]); // done [ 'acme' ]
  // #endregion
  assert.deepEqual([answer, ...perTenant.keys()], ['done', 'acme']);
}

{
  const lines: string[] = [];
  const console = { log: (...line: unknown[]) => lines.push(line.join(' ')) };
  // #region events
  breakers.on('opened', ({ key, reason }) => console.log(`${key} opened: ${reason}`));
  breakers.on('forgotten', ({ key, reason }) => console.log(`${key} forgotten: ${reason}`));

  for (let i = 0; i < 2; i++) {
    await breakers.outcome(() => request('a.example'), { properties: [host('c.example')] });
  }
  // c.example opened: tripped
  // #endregion
  assert.deepEqual(lines, ['c.example opened: tripped']);
}

{
  // #region by-hand
  const isolation = breakers.get('b.example').isolate(); // made, if there is none
  console.log((await ask('b.example')).ok); // false
  isolation.release();

  for (const key of breakers.keys()) console.log(key, breakers.get(key).state);
  breakers.delete('a.example'); // the next call begins anew
  console.log(breakers.has('a.example')); // false
  // #endregion
  assert.equal(breakers.has('a.example'), false);
  assert.equal(breakers.get('b.example').state, 'closed');
}

{
  // #region idle
  const clock = virtualClock();
  const places = keyed(() => bulkhead({ maxConcurrent: 1, clock }), {
    key: (context) => context.get(host),
    idleMs: 60_000,
    clock,
  });
  const work = Promise.withResolvers<string>();
  const long = places.execute(() => work.promise, { properties: [host('long')] });
  await places.execute(() => 'short', { properties: [host('short')] });

  await clock.advance(60_000);
  console.log([...places.keys()]); // [ 'long' ]: its call is in flight
  // #endregion
  assert.deepEqual([...places.keys()], ['long']);
  work.resolve('done');
  await long;
}
