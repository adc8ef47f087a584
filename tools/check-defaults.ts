// The Options tables of the READMEs say the same defaults as the @default tags of the sources.
import { globSync, readFileSync } from 'node:fs';
import { tableRows } from './markdown/tables.ts';
import { publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';
import { optionProperties } from './source/options.ts';

const problems: string[] = [];
let compared = 0;

for (const { folder, shortName } of publishedPackages()) {
  const readme = readFileSync(`${folder}/README.md`, 'utf8');
  const rows = tableRows(readme, ['Option', 'Default']);
  const options = globSync(`${folder}/src/**/*.ts`).flatMap((file) =>
    optionProperties(file, readFileSync(file, 'utf8')),
  );

  for (const row of rows) {
    const name = bare(row['Option'] ?? '');
    const inCode = options.filter((option) => option.name === name).map(expected);
    const inTable = bare(row['Default'] ?? '');
    compared += 1;
    if (inCode.length === 0) problems.push(`${folder}/README.md: no option is called ${name}`);
    else if (!inCode.includes(inTable)) {
      const right = [...new Set(inCode)].join(' or ');
      problems.push(`${folder}/README.md: the default of ${name} is ${right}, not ${inTable}`);
    }
  }

  const listed = new Set(rows.map((row) => bare(row['Option'] ?? '')));
  for (const { owner, name, defaultTag } of options) {
    if (owner === mainOptions(shortName) && defaultTag !== undefined && !listed.has(name)) {
      problems.push(`${folder}/README.md: no Options table has a row for ${name} of ${owner}`);
    }
  }
}
reportProblems(problems, `${compared} defaults are the same in code and tables`);

/** The interface that the README must list in full: `CircuitBreakerOptions` of `circuit-breaker`. */
function mainOptions(shortName: string): string {
  const words = shortName.split('-').map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Options`;
}

function expected(option: { isOptional: boolean; defaultTag: string | undefined }): string {
  if (!option.isOptional) return 'required';
  return bare(option.defaultTag ?? 'none');
}

/** What is compared: no backticks, no remark in parentheses at the end, no digit separators; nothing is `none`. */
function bare(text: string): string {
  const plain = text
    .replaceAll('`', '')
    .replace(/ \([^()]*\)$/, '')
    .replace(/(?<=\d)_(?=\d)/g, '')
    .trim();
  return plain === 'undefined' || plain === '' ? 'none' : plain;
}
