import assert from 'node:assert/strict';
import { bulkhead } from '@holdfast/bulkhead';
import { isRequestNotRepeatableError } from '@holdfast/fetch';
import { definePolicy } from '@holdfast/policy';
import { endlessBody, resetBeforeHeaders } from '@holdfast/testing';
// #region usage
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { isHttpFailure, isRetryableHttp, retryAfterOf, wrapFetch } from '@holdfast/fetch';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { faultServer, respond, retryAfter } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';

const fetchStock = wrapFetch(
  fetch,
  compose(
    timeout({ afterMs: 2_000 }),
    retry<Response>({ shouldRetry: isRetryableHttp, delayFrom: retryAfterOf }),
    circuitBreaker<Response>({ isFailure: isHttpFailure }),
  ),
);

await using server = await faultServer();
server.script('/stock', [retryAfter(0), respond({ body: { apples: 5 } })]);

const response = await fetchStock(`${server.url}/stock`);
console.log(response.status, await response.json(), server.requests.length); // 200 { apples: 5 } 2
// #endregion

assert.equal(response.status, 200);
assert.equal(server.requests.length, 2);

const again = retry<Response>({ shouldRetry: isRetryableHttp, backoff: [0, 0] });

{
  await server.reset();
  // #region bodies
  server.script('/orders', [respond({ status: 503 }), respond({ status: 201 })]);
  const send = wrapFetch(fetch, again);

  await send(`${server.url}/orders`, {
    method: 'PUT',
    duplex: 'half',
    body: () => new Blob(['{"apples":5}']).stream(), // a function: each attempt gets a stream of its own
  });
  console.log(server.requests.map((request) => request.text())); // [ '{"apples":5}', '{"apples":5}' ]
  // #endregion
  assert.deepEqual(
    server.requests.map((request) => request.text()),
    ['{"apples":5}', '{"apples":5}'],
  );
}

{
  await server.reset();
  // #region methods
  server.script('/charges', [resetBeforeHeaders(), respond({ status: 201 })]);
  const charge = wrapFetch(fetch, again);

  const { status } = await charge(`${server.url}/charges`, {
    method: 'POST',
    body: '{"cents":900}',
    headers: { 'idempotency-key': '"order-1"' }, // without it, the broken connection is the end
  });
  console.log(status, server.requests.length); // 201 2
  // #endregion
  assert.equal(status, 201);

  server.script('/charges', [resetBeforeHeaders(), respond({ status: 201 })]);
  await assert.rejects(charge(`${server.url}/charges`, { method: 'POST', body: '{}' }), TypeError);
  assert.equal(server.requests.length, 3);
}

{
  await server.reset();
  // #region place
  server.script('/export', [endlessBody()]);
  const places = bulkhead({ maxConcurrent: 1 });
  const download = wrapFetch(fetch, places);

  const { body } = await download(`${server.url}/export`);
  console.log(places.active); // 1: the place is held until the body has ended
  await body?.cancel();
  await places.whenIdle();
  console.log(places.active); // 0
  // #endregion
  assert.equal(places.active, 0);
}

{
  await server.reset();
  const twice = definePolicy('twice', async (next) => {
    await next();
    return next();
  });
  // #region once
  const upload = wrapFetch(fetch, twice); // a policy that repeats whatever it gets
  const file = new Blob(['bytes']).stream();

  try {
    await upload(`${server.url}/files`, { method: 'PUT', body: file, duplex: 'half' });
  } catch (error) {
    if (isRequestNotRepeatableError(error)) console.log(error.reason, server.requests.length); // body 1
  }
  // #endregion
  assert.equal(server.requests.length, 1);
}
