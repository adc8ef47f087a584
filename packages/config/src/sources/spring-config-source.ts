import { systemClock } from '@holdfast/policy';
import { Polling } from './polling.ts';
import { SharedWork } from './shared-work.ts';
import type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './source.ts';
import { SpringClient, type SpringState } from './spring-client.ts';
import { checkSpringOptions, type SpringConfigSourceOptions } from './spring-options.ts';
import { springTarget } from './spring-request.ts';

const defaultIntervalMs = 30_000;
const defaultMaxIntervalMs = 120_000;

/**
 * The configuration that a Spring Cloud Config Server has for an application and its profiles, below
 * a prefix. Properties become nested data again: of a name that several files have, the most specific
 * file wins, and a list comes from one file as a whole. Options may be written in kebab-case, as
 * Spring's are (`max-attempts`); names that are your own stay as they are.
 *
 * The version is that of the commit, where the server has one. A watch asks again and again, with an
 * `If-None-Match` if the server gives an `ETag`, and compares the content as well, as a server in
 * native mode has no version. There is never more than one request at a time. What cannot be got at,
 * understood or found rejects with a `ConfigReadError`.
 *
 * @throws `TypeError` or `RangeError` when an option cannot be used.
 *
 * @example
 * ```ts
 * const source = springConfigSource({
 *   url: 'http://config.internal:8888',
 *   application: 'orders',
 *   profiles: ['production'],
 * });
 * ```
 */
export function springConfigSource(options: SpringConfigSourceOptions): ConfigSource {
  checkSpringOptions(options);
  const target = springTarget(options);
  const name = `spring cloud config ${target.address}`;
  const client = new SpringClient(options, target, name);
  const work = new SharedWork((signal) => client.get(signal));
  return {
    name,
    read: async ({ signal }) => readingOf(await work.run(signal)),
    watch: (listener) => poll(work, options, listener),
  };
}

function poll(
  work: SharedWork<SpringState>,
  options: SpringConfigSourceOptions,
  listener: ConfigListener,
): ConfigWatch {
  /** What the listener knows; undefined also when the last thing it was told is a failure. */
  let known: SpringState | undefined;
  return new Polling({
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    intervalMs: options.intervalMs ?? defaultIntervalMs,
    maxIntervalMs: options.maxIntervalMs ?? defaultMaxIntervalMs,
    async poll(signal) {
      try {
        const state = await work.run(signal);
        const isNew = state.json !== known?.json || state.version !== known.version;
        known = state;
        if (isNew && !signal.aborted) listener.changed(readingOf(state));
        return true;
      } catch (error) {
        known = undefined;
        if (!signal.aborted) listener.failed(error);
        return false;
      }
    },
  });
}

/** A reading with data of its own. */
function readingOf({ json, version }: SpringState): ConfigReading {
  return { data: JSON.parse(json) as unknown, version };
}
