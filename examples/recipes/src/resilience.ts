import assert from 'node:assert/strict';
// #region usage
import { compose, exponential, retry, standardPipeline, timeout } from '@holdfast/resilience';

const inventory = compose(timeout({ afterMs: 2_000 }), retry({ backoff: exponential() }));
console.log(await inventory.execute(() => readStock('apple'))); // 5

const prices = standardPipeline({ totalTimeout: { afterMs: 5_000 } });
console.log(await prices.execute(() => readStock('pear'))); // 4
// #endregion

function readStock(sku: string): number {
  return sku.length;
}

assert.equal(await prices.execute(() => readStock('pear')), 4);

{
  // #region http
  const { isHttpFailure, isRetryableHttp, wrapFetch } = await import('@holdfast/fetch');
  const standard = standardPipeline({
    retry: { maxAttempts: 4, shouldRetry: isRetryableHttp },
    circuitBreaker: { isFailure: isHttpFailure },
  });
  const fetchPrices = wrapFetch(fetch, standard);
  // #endregion
  assert.equal(typeof fetchPrices, 'function');
}

{
  const { lint } = await import('@holdfast/resilience');
  // #region presets
  const { awsStandardRetry, googleSre, hystrixDefaults, resilience4jDefaults } = await import(
    '@holdfast/resilience'
  );

  const presets = [
    awsStandardRetry({ maxAttempts: 5 }),
    googleSre({ throttle: { k: 1.5 } }),
    hystrixDefaults({ bulkhead: { maxConcurrent: 50 } }),
    resilience4jDefaults({ retry: { maxAttempts: 2 } }),
  ];
  for (const preset of presets) console.log(preset.name, await preset.execute(() => 'done'));
  // aws-standard-retry done
  // google-sre done
  // hystrix done
  // resilience4j done
  // #endregion
  assert.deepEqual(presets.flatMap(lint), []);
}
