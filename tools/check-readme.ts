// The README of the root has a row for every published package, and what any page links to exists.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';

const readme = readFileSync('README.md', 'utf8');
const packages = publishedPackages();
const rows = readme.split('\n').filter((line) => line.startsWith('|'));
const problems = packages
  .filter(({ name, folder }) => !rows.some((row) => row.includes(`[\`${name}\`](${folder}`)))
  .map(({ name, folder }) => `README.md: no table row starts with [\`${name}\`](${folder})`);

const pages = globSync(['*.md', 'docs/**/*.md', '{packages,examples}/*/*.md', 'bench/*.md'], {
  exclude: ['docs/api/**'],
});
for (const page of pages) {
  const text = readFileSync(page, 'utf8');
  for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
    if (!existsSync(join(dirname(page), target))) {
      problems.push(`${page}: links to ${target}, which does not exist`);
    }
  }
}
reportProblems(
  problems,
  `the README lists ${packages.length} packages, and the links of ${pages.length} pages lead somewhere`,
);
