import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { PromiseResult } from '../report.ts';

const nameWidth = 18;
/** A sign, and the blanks around it. */
const signWidth = 3;
const between = ' · ';

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Sets texts side by side, as many on a line as fit. */
function lines(texts: readonly string[], columns: number): string[] {
  const [first = '', ...others] = texts;
  const filled = [first];
  for (const text of others) {
    const last = filled.length - 1;
    const line = filled[last] as string;
    if (width(line + between + text) > columns) filled.push(text);
    else filled[last] = line + pc.dim(between) + text;
  }
  return filled;
}

function promiseLines(
  about: string,
  checks: readonly PromiseResult[],
  columns: number,
): readonly string[] {
  const sign = checks.every((check) => check.isKept) ? pc.green('✔') : pc.red('✖');
  // The sign before what was broken is for those who see no colours.
  const texts = checks.map(({ isKept, text }) => (isKept ? text : pc.red(pc.bold(`✖ ${text}`))));
  const [first, ...others] = lines(texts, columns - nameWidth - signWidth - 1);
  const indent = ' '.repeat(nameWidth + signWidth + 1);
  return [` ${sign} ${about.padEnd(nameWidth)} ${first}`, ...others.map((line) => indent + line)];
}

/** What was promised and what came of it, a phase after the other. */
export function promiseList(promises: readonly PromiseResult[], columns: number): string {
  const byPhase = Map.groupBy(promises, ({ about }) => about);
  return [...byPhase].flatMap(([about, checks]) => promiseLines(about, checks, columns)).join('\n');
}
