import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Every entry that package.json exports from its sources, so that a sub-path needs no build config. */
function entries(): string[] {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return Object.values(manifest.exports).flatMap((target) => {
    const source = typeof target === 'string' ? undefined : target['@holdfast/source'];
    return source === undefined ? [] : [source.replace('./', '')];
  });
}

const config: ReturnType<typeof defineConfig> = defineConfig({
  entry: entries(),
  format: 'esm',
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  // The default turns `node:timers` into `timers`, which other runtimes refuse.
  removeNodeProtocol: false,
});

export default config;
