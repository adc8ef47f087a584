import { type ConfigSource, objectSource } from '@holdfast/config';

/** A source that never changes. */
export function unwatched(data: unknown): ConfigSource {
  const source = objectSource(data);
  return { name: source.name, read: (options) => source.read(options) };
}
