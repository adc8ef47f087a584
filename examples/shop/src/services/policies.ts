import { type ConfigSource, fileSource, type Policies, policiesFrom } from '@holdfast/config';
import { isHttpFailure, isRetryableHttp, retryAfterOf } from '@holdfast/fetch';
import { type AnyPolicy, contextKey, type Outcome } from '@holdfast/policy';

/** Who orders, by name: what the limit of the gateway is counted by. */
const clientKey = contextKey<string>('client');

/** Neither an error nor a status such as 503 is an answer that a hedge should be content with. */
function isBadAnswer(outcome: Outcome<Response>): boolean {
  return !outcome.ok || isHttpFailure(outcome) === true;
}

/** What `policies.json` may name: numbers are data, but what an error means is code. */
const functions = { isBadAnswer, isHttpFailure, isRetryableHttp, retryAfterOf };

/**
 * The pipelines of a service, from `policies.json`; they follow every change of the file. All services
 * share the file, and each says which pipelines it cannot do without.
 */
export function readPolicies<const Name extends string>(
  source: string | ConfigSource,
  names: readonly Name[],
): Promise<Policies<Name>> {
  const from = typeof source === 'string' ? fileSource({ path: source }) : source;
  return policiesFrom<Name>(from, { names, functions, contextKeys: { client: clientKey } });
}

/**
 * The layer of that type which a pipeline has now. Ask each time: whoever edits the file may have put
 * another one in its place, or taken it out.
 */
// Only whoever asks knows what the file has there.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function layerNow<L extends AnyPolicy>(
  policies: Policies,
  policy: string,
  type: string,
): L | undefined {
  try {
    return policies.layer<L>(policy, type);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
