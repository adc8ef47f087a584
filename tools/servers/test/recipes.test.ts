import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recipeFolder } from '../src/install/cache.ts';
import { isServerName, recipes, serverNames } from '../src/recipes.ts';

test.each(serverNames)('%s is called the same everywhere, and has a folder and a test', (name) => {
  const recipe = recipes[name];
  expect(recipe.name).toBe(name);
  expect(existsSync(join(recipeFolder(name), `${name}.ts`))).toBe(true);
  expect(existsSync(join(recipeFolder('test'), 'system', `${name}.test.ts`))).toBe(true);
});

test('names are told from other words', () => {
  expect(isServerName('redis')).toBe(true);
  expect(isServerName('toString')).toBe(false);
});
