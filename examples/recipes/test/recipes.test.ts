import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../src/', import.meta.url));
const recipes = globSync('*.ts', { cwd: folder }).toSorted();
// Node 22 cannot parse `using` and friends.
const parsesUsing = Number.parseInt(process.versions.node) >= 24;

/** Runs a recipe in a process of its own; returns how it ended and what it complained about. */
function run(recipe: string): Promise<{ code: number | null; complaints: string }> {
  const file = `${folder}${recipe}`;
  const flags = ['--conditions=@holdfast/source', '--no-warnings'];
  const source = readFileSync(file, 'utf8');
  const asItIs = parsesUsing && !source.includes('@guarded(');
  const how = asItIs ? [file] : ['--input-type=module', '-'];
  const child = spawn(process.execPath, [...flags, ...how], { cwd: folder });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints += String(chunk)));
  child.stdout.resume();
  child.stdin.end(asItIs ? '' : compiled(source));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, complaints }));
  });
}

/** Decorators are no types to strip: no Node knows them yet. */
function compiled(source: string): string {
  const options = { loader: 'ts', format: 'esm', target: 'node22' } as const;
  return transformSync(source, options).code;
}

describe('recipes', () => {
  test.each(recipes)('%s does what it claims', async (recipe) => {
    expect(await run(recipe)).toEqual({ code: 0, complaints: '' });
  });
});
