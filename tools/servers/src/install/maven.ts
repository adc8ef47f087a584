import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBuild, makeBuild, recipeFolder, type CachedBuild } from './cache.ts';
import { debianPackage } from './debian.ts';
import { findProgram } from './find-program.ts';
import { runNiced } from './run.ts';
import type { Source } from './source.ts';

/** A program in Java that Maven builds; `pom.xml` lies in the server's folder and makes `server.jar`. */
export interface MavenProgram {
  readonly name: string;
  readonly version: string;
  /** The files besides `pom.xml` that it is built from. */
  readonly sources: readonly string[];
  readonly estimateSeconds: number;
}

/** What a JVM of a test server needs no more than: a small heap, and a quick start. */
export const jvmArgs: readonly string[] = [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  // Else it leaves a file in the system's folder for temporary ones.
  '-XX:-UsePerfData',
];

/** A server that Maven builds, of exactly the versions in its `pom.xml`. */
export function mavenProject(program: MavenProgram): Source {
  const { name, version, estimateSeconds } = program;
  const inputs = ['pom.xml', ...program.sources];
  const build: CachedBuild = { name, version, inputs };
  return {
    version,
    description: 'built by Maven',
    estimateSeconds,
    packages: [debianPackage('default-jdk-headless', 'javac'), debianPackage('maven', 'mvn')],
    find() {
      const folder = findBuild(build);
      const java = findProgram('java');
      if (folder === undefined || java === undefined) return undefined;
      return { java, jar: join(folder, 'server.jar') };
    },
    async build() {
      await makeBuild(build, async (folder) => {
        const work = join(folder, 'work');
        mkdirSync(work);
        for (const input of inputs) cpSync(join(recipeFolder(name), input), join(work, input));
        const args = ['-B', '-ntp', '-q', '-DskipTests', 'package'];
        await runNiced({ command: 'mvn', args, cwd: work });
        renameSync(join(work, 'target', 'server.jar'), join(folder, 'server.jar'));
        rmSync(work, { recursive: true });
      });
    },
  };
}
