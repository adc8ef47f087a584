// Keeps etc/<package>.api.md: the public declarations of every package, so that a change of API shows in the diff.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { type Package, publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const packages = publishedPackages();
const problems: string[] = [];

mkdirSync('etc', { recursive: true });
for (const item of packages) {
  const file = `etc/${item.shortName}.api.md`;
  const report = reportOf(item);
  const current = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (current === report) continue;
  if (values.write) writeFileSync(file, report);
  else
    problems.push(`${file} is not what ${item.folder}/dist declares: npm run fix, and commit it`);
}
reportProblems(problems, `the API reports of ${packages.length} packages are up to date`);

function reportOf({ name, folder, manifest }: Package): string {
  const sections = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
    const declarations = typeof target === 'string' ? undefined : target['types'];
    if (declarations === undefined) return [];
    const text = withoutComments(readFileSync(`${folder}/${declarations}`, 'utf8'));
    return [`## \`${path.replace('.', name)}\`\n\n\`\`\`ts\n${text}\`\`\`\n`];
  });
  const note = `<!-- Written by \`npm run fix\` from the built declarations. -->`;
  return [`# API of ${name}\n`, `${note}\n`, ...sections].join('\n');
}

/** The declarations alone: a change of wording in a comment is not a change of API. */
function withoutComments(declarations: string): string {
  const file = ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.Latest);
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  return printer
    .printFile(file)
    .replace(/^( {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
    .replace(/(['"]\.\/[\w-]+)-[\w-]{8}(?=\.js['"])/g, '$1');
}
