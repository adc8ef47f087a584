import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileSource } from '@holdfast/config';
import { expect, test } from 'vitest';
import { follow } from './follow.ts';
import { folderIn, temporaryFolder } from './temporary-folder.ts';

const swaps = 400;

/** Writes a ConfigMap as a kubelet does: a new folder, a new link beside `..data`, one rename. */
function configMap(mount: string) {
  let former: string | undefined;
  return {
    path: join(mount, 'policies.json'),
    publish(generation: number): void {
      const folder = `..2026_01_01_00_00_00.${generation}`;
      folderIn(mount, folder);
      fs.writeFileSync(join(mount, folder, 'policies.json'), contentOf(generation));
      fs.symlinkSync(folder, join(mount, '..data_tmp'));
      fs.renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
      if (former === undefined)
        fs.symlinkSync('..data/policies.json', join(mount, 'policies.json'));
      else fs.rmSync(join(mount, former), { recursive: true });
      former = folder;
    },
  };
}

/** Large enough that a mix of two would show. */
function contentOf(generation: number): string {
  return JSON.stringify({ generation, all: new Array(5_000).fill(generation) });
}

function generationOf(data: unknown): number {
  const { generation, all } = data as { readonly generation: number; readonly all: number[] };
  expect(new Set(all)).toEqual(new Set([generation]));
  return generation;
}

test('a ConfigMap is followed through hundreds of swaps, and no two are mixed', async () => {
  const map = configMap(temporaryFolder());
  map.publish(0);
  const source = fileSource({ path: map.path, settleMs: 2, intervalMs: 3_600_000 });
  const { told, tells } = follow(source);
  const done = new AbortController();
  const signal = new AbortController().signal;
  const reader = async (): Promise<number> => {
    let reads = 0;
    for (let latest = 0; !done.signal.aborted; reads++) {
      const generation = generationOf((await source.read({ signal })).data);
      expect(generation).toBeGreaterThanOrEqual(latest);
      latest = generation;
    }
    return reads;
  };
  const readers = [reader(), reader()];
  for (let generation = 1; generation <= swaps; generation++) {
    map.publish(generation);
    // Now and then long enough for the watch, and mostly not.
    await new Promise((resolve) => setTimeout(resolve, generation % 20 === 0 ? 10 : 0));
  }
  await tells(JSON.parse(contentOf(swaps)));
  done.abort();
  const reads = await Promise.all(readers);
  expect(Math.min(...reads)).toBeGreaterThan(10);
  const generations = told.map((each) => generationOf('data' in each ? each.data : undefined));
  expect(generations).toEqual(generations.toSorted((one, other) => one - other));
  expect(generations.length).toBeGreaterThan(2);
});

test('a ConfigMap that is published once more is noticed each time', async () => {
  const map = configMap(temporaryFolder());
  map.publish(0);
  const { tells } = follow(fileSource({ path: map.path, settleMs: 5, intervalMs: 3_600_000 }));
  for (let generation = 1; generation <= 20; generation++) {
    map.publish(generation);
    await tells(JSON.parse(contentOf(generation)));
  }
});
