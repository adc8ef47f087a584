import type { Pipeline } from './compose.ts';
import { LayerStack } from './layered-policy.ts';

/**
 * The policy that does nothing but keep the contract: a synchronous throw becomes a rejection, and a
 * call whose signal is aborted already does not begin.
 */
export const noop: Pipeline = /* @__PURE__ */ new LayerStack('noop', []) as Pipeline;
