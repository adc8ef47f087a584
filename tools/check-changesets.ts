// Changesets reads .changeset/config.json only; changeset.config.json at the top is the real file.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';

const real = 'changeset.config.json';
const link = '.changeset/config.json';
const problems: string[] = [];

if (!existsSync(link) || !isDeepStrictEqual(parse(real), parse(link))) {
  problems.push(`${link} differs from ${real}: make it a symbolic link, or copy the file there`);
}

const names = new Set(publishedPackages().map(({ name }) => name));
for (const file of globSync('.changeset/*.md').filter((path) => !path.endsWith('README.md'))) {
  const head = /^---\r?\n(?<lines>[\s\S]*?)\r?\n---/.exec(readFileSync(file, 'utf8'));
  if (head === null) problems.push(`${file}: no front matter`);
  for (const line of head?.groups?.['lines']?.split('\n') ?? []) {
    const [, name] = /^['"](.+)['"]: (?:patch|minor|major)$/.exec(line.trim()) ?? [];
    if (name === undefined || !names.has(name))
      problems.push(`${file}: not a package and a bump: ${line}`);
  }
}

reportProblems(problems, 'the changesets are well-formed');

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return error;
  }
}
