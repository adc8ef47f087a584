// The house rules for sources: what they may call, how long files are and what they are called.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import { reportProblems } from './report-problems.ts';
import { sourceRules } from './source/rules.ts';

const longestFile = 300;
const vagueNames = /^(utils?|helpers?|types|common|misc)\.ts$/;
const problems: string[] = [];

const published = globSync('packages/*/src/**/*.ts').toSorted();
const tests = globSync('{packages,examples}/*/test/**/*.ts');
const others = globSync(['examples/*/src/**/*.ts', '{tools,bench}/**/*.{ts,mjs}'], {
  exclude: ['**/node_modules/**'],
});

for (const file of [...published, ...others, ...tests]) {
  const name = basename(file);
  if (vagueNames.test(name)) problems.push(`${file}: name it after what it exports`);
  if (!/^[a-z0-9.-]+$/.test(name)) problems.push(`${file}: file names are kebab-case`);
}

for (const file of [...published, ...others]) {
  const { length } = readFileSync(file, 'utf8').trimEnd().split('\n');
  if (length > longestFile) problems.push(`${file}: ${length} lines; split it by idea`);
}

for (const file of published) {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  inspect(source, source);
}
reportProblems(problems, `${published.length} published sources keep the house rules`);

function inspect(node: ts.Node, source: ts.SourceFile): void {
  for (const rule of sourceRules) {
    if (!rule.breaks(node)) continue;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    problems.push(`${source.fileName}:${line + 1}: ${rule.message}`);
  }
  ts.forEachChild(node, (child) => inspect(child, source));
}
