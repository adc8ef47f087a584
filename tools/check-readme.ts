// The README of the root has a row for every published package, and the files that it links to exist.
import { existsSync, readFileSync } from 'node:fs';
import { publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';

const readme = readFileSync('README.md', 'utf8');
const packages = publishedPackages();
const rows = readme.split('\n').filter((line) => line.startsWith('|'));
const problems = packages
  .filter(({ name, folder }) => !rows.some((row) => row.includes(`[\`${name}\`](${folder}`)))
  .map(({ name, folder }) => `README.md: no table row starts with [\`${name}\`](${folder})`);

for (const { folder } of [{ folder: '.' }, ...packages]) {
  const text = readFileSync(`${folder}/README.md`, 'utf8');
  for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
    if (!existsSync(`${folder}/${target}`)) {
      problems.push(`${folder}/README.md: links to ${target}, which does not exist`);
    }
  }
}
reportProblems(problems, `the README lists ${packages.length} packages`);
