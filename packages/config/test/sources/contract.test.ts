import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  environmentSource,
  environmentVariables,
  fileSource,
  mergedSource,
  objectSource,
  springConfigSource,
} from '@holdfast/config';
import {
  configSourceContract,
  type ConfigSourceContractOptions,
  type MakeConfigSource,
  seededRandom,
  virtualClock,
} from '@holdfast/testing';
import { describe, test } from 'vitest';
import { flatten } from './flatten.ts';

const quick = { settleMs: 20, intervalMs: 1_000 };

interface Subject extends ConfigSourceContractOptions {
  readonly make: MakeConfigSource;
}

function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  const path = join(folder, 'policies.json');
  return {
    path,
    write: (data: unknown) => writeFileSync(path, JSON.stringify(data)),
    damage: () => writeFileSync(path, '{ "policies": '),
    remove: () => rmSync(path, { force: true }),
    replace(data: unknown) {
      writeFileSync(`${path}.new`, JSON.stringify(data));
      renameSync(`${path}.new`, path);
    },
    cleanUp: () => rmSync(folder, { recursive: true }),
  };
}

const subjects: Record<string, Subject> = {
  'an object': {
    make() {
      const source = objectSource({});
      return {
        source,
        write: (data) => source.set(data),
        damage: () => source.fail(new Error('away')),
      };
    },
  },
  'the environment': {
    watches: false,
    make() {
      const env: Record<string, string> = {};
      return {
        source: environmentSource({ env }),
        write(data) {
          for (const name of Object.keys(env)) delete env[name];
          Object.assign(env, environmentVariables(data));
        },
        damage() {
          env['HOLDFAST_POLICIES'] = '{';
        },
      };
    },
  },
  'the environment over another source': {
    make() {
      const below = objectSource({});
      const source = environmentSource({ over: below, env: { HOLDFAST_VERSION: '1' } });
      return {
        source: {
          ...source,
          read: async (options) => {
            const { data, version } = await source.read(options);
            return { data: without(data), version };
          },
          watch: (listener) => {
            if (source.watch === undefined) throw new Error('no watch');
            return source.watch({
              changed: ({ data, version }) => listener.changed({ data: without(data), version }),
              failed: (error) => listener.failed(error),
            });
          },
        },
        write: (data) => below.set(data),
        damage: () => below.set('no object'),
      };
    },
  },
  'a file written in place': {
    make() {
      const { path, ...file } = temporaryFile();
      return { ...file, source: fileSource({ path, ...quick }) };
    },
  },
  'a file replaced by a rename, and deleted': {
    make() {
      const { path, ...file } = temporaryFile();
      return {
        source: fileSource({ path, ...quick }),
        write: (data) => file.replace(data),
        damage: () => file.remove(),
        cleanUp: () => file.cleanUp(),
      };
    },
  },
  'a file on a mount without events': {
    make() {
      const { path, ...file } = temporaryFile();
      const source = fileSource({ path, settleMs: 10, intervalMs: 20, events: false });
      return { ...file, source };
    },
  },
  'sources merged': {
    make() {
      const below = objectSource({});
      const above = objectSource({});
      const source = mergedSource([below, above]);
      return {
        source,
        write(data) {
          below.set({});
          above.set(data);
        },
        damage: () => above.fail(new Error('away')),
      };
    },
  },
  'Spring Cloud Config': {
    make() {
      const clock = virtualClock();
      let answer: () => Response = () => new Response('', { status: 500 });
      return {
        source: springConfigSource({
          url: 'http://config.test',
          application: 'orders',
          clock,
          random: seededRandom(1),
          fetch: async () => answer(),
        }),
        write(data) {
          const source = flatten({ holdfast: data });
          answer = () =>
            Response.json({ version: null, propertySources: [{ name: 'a.yml', source }] });
        },
        damage() {
          answer = () => new Response('{"status":500}', { status: 500 });
        },
        tick: () => clock.advance(40_000),
      };
    },
  },
};

function without(data: unknown): unknown {
  const { version: _, ...rest } = data as { readonly version?: unknown };
  return rest;
}

for (const [name, { make, ...options }] of Object.entries(subjects)) {
  describe(`the contract of a source: ${name}`, () => {
    for (const each of configSourceContract(make, options)) test(each.name, each.run);
  });
}
