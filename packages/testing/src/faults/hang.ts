import type { FaultStep } from '../fault-step.ts';

/**
 * No answer at all: the request is taken and the connection stays open until the client, `reset()`
 * or `close()` ends it.
 */
export function hang(): FaultStep {
  return { name: 'hang', play(): void {} };
}
