// Code in the documentation comes from files that run: the comment before a block names its file and region.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type CodeBlock, codeBlocks, withMissingBlocks } from './markdown/code-blocks.ts';
import { region } from './markdown/region.ts';
import { reportProblems } from './report-problems.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const problems: string[] = [];
const files = globSync(['README.md', 'packages/*/README.md', 'docs/**/*.md'], {
  exclude: ['docs/api/**'],
}).toSorted();

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const updated = update(file, text);
  if (updated === text) continue;
  if (values.write) writeFileSync(file, updated);
  else problems.push(`${file}: its code differs from the examples: npm run fix, and commit it`);
}
reportProblems(problems, `the code of ${files.length} pages comes from the examples`);

/** The text with every named block taken from its region; from the last to the first, so that offsets hold. */
function update(file: string, page: string): string {
  const text = withMissingBlocks(page);
  return codeBlocks(text).reduceRight((result, block) => {
    const code = codeFor(file, block);
    return code === undefined
      ? result
      : result.slice(0, block.start) + code + result.slice(block.end);
  }, text);
}

function codeFor(file: string, { source, line }: CodeBlock): string | undefined {
  if (source === undefined) {
    if (file.endsWith('README.md')) {
      problems.push(
        `${file}:${line}: name the example: <!-- snippet: examples/recipes/src/x.ts#region -->`,
      );
    }
    return undefined;
  }
  const [path = '', name = ''] = source.split('#');
  const code = existsSync(path) ? region(readFileSync(path, 'utf8'), name) : undefined;
  if (code === undefined) problems.push(`${file}:${line}: there is no region ${source}`);
  return code;
}
