import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const folder = new URL('../src/', import.meta.url).pathname;
const recipes = globSync('*.ts', { cwd: folder }).toSorted();

describe('recipes', () => {
  test.each(recipes)('%s does what it claims', async (recipe) => {
    const flags = ['--conditions=@holdfast/source', '--no-warnings'];
    const { stderr } = await run(process.execPath, [...flags, `${folder}${recipe}`]);

    expect(stderr).toBe('');
  });
});
