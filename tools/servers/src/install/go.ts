import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findBuild, makeBuild, recipeFolder, type CachedBuild } from './cache.ts';
import { findProgram } from './find-program.ts';
import { runNiced } from './run.ts';
import type { Source } from './source.ts';

/** A program that is built from Go modules; `go.mod` and `go.sum` lie in the server's folder. */
export interface GoProgram {
  readonly name: string;
  readonly version: string;
  /** What to build: the path of the main package. */
  readonly package: string;
  readonly linkerFlags?: string | undefined;
  readonly estimateSeconds: number;
}

/** A server that is built from Go modules of exactly the versions in its `go.sum`. */
export function goModule(program: GoProgram): Source {
  const { name, version, estimateSeconds } = program;
  const build: CachedBuild = { name, version, inputs: ['go.mod', 'go.sum'] };
  return {
    version,
    description: 'built from Go modules',
    estimateSeconds,
    packages: [],
    find() {
      const folder = findBuild(build);
      return folder === undefined ? undefined : { program: join(folder, name) };
    },
    async build() {
      const go = findProgram('go') ?? findProgram('/usr/local/go/bin/go');
      if (go === undefined) {
        throw new Error(
          `${name} is built with Go 1.24 or newer, and there is none: https://go.dev/dl`,
        );
      }
      await makeBuild(build, async (folder) => {
        await runNiced({
          command: go,
          args: [
            'build',
            '-mod=readonly',
            '-trimpath',
            '-p',
            String(availableParallelism()),
            '-ldflags',
            `-s -w ${program.linkerFlags ?? ''}`.trim(),
            '-o',
            join(folder, name),
            program.package,
          ],
          cwd: recipeFolder(name),
          env: { CGO_ENABLED: '0' },
        });
      });
    },
  };
}
