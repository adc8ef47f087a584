import { describe, expect, test } from 'vitest';
import { codeBlocks, withMissingBlocks } from '../markdown/code-blocks.ts';
import { region } from '../markdown/region.ts';
import { tableRows } from '../markdown/tables.ts';

describe('codeBlocks', () => {
  test('finds the blocks of TypeScript, their lines and their sources', () => {
    const text = [
      '# Title',
      '<!-- snippet: examples/a.ts#one -->',
      '',
      '```ts',
      'one();',
      '```',
      '```sh',
      'npm test',
      '```',
      '```ts',
      'two();',
      '```',
      '',
    ].join('\n');

    const blocks = codeBlocks(text);

    expect(blocks.map(({ line, source }) => ({ line, source }))).toEqual([
      { line: 4, source: 'examples/a.ts#one' },
      { line: 10, source: undefined },
    ]);
    expect(blocks.map(({ start, end }) => text.slice(start, end))).toEqual([
      'one();\n',
      'two();\n',
    ]);
  });
});

describe('withMissingBlocks', () => {
  test('gives a block to the comments that name an example without one, and to no others', () => {
    const written = '<!-- snippet: a.ts#one -->\n\n```ts\none();\n```\n';
    const text = `${written}<!-- snippet: a.ts#two -->\n\nText.\n<!-- snippet: a.ts#three -->\n`;

    expect(withMissingBlocks(written)).toBe(written);
    expect(codeBlocks(withMissingBlocks(text)).map(({ source }) => source)).toEqual([
      'a.ts#one',
      'a.ts#two',
      'a.ts#three',
    ]);
  });
});

describe('region', () => {
  test('takes the indent of the least indented line away', () => {
    const text = [
      '{',
      '  // #region a',
      '  if (x) {',
      '    y();',
      '',
      '  }',
      '  // #endregion',
      '}',
    ];

    expect(region(text.join('\n'), 'a')).toBe('if (x) {\n  y();\n\n}\n');
  });

  test('is undefined without a beginning or an end', () => {
    expect(region('x();', 'a')).toBeUndefined();
    expect(region('// #region a\nx();', 'a')).toBeUndefined();
  });
});

describe('tableRows', () => {
  test('reads the tables that have the columns, escaped pipes included', () => {
    const text = [
      '| Option | Type | Default |',
      '| --- | --- | --- |',
      "| `mode` | `'a' \\| 'b'` | `'a'` |",
      '',
      '| Event | When |',
      '| --- | --- |',
      '| `opened` | now |',
    ].join('\n');

    expect(tableRows(text, ['Option', 'Default'])).toEqual([
      { Option: '`mode`', Type: "`'a' | 'b'`", Default: "`'a'`" },
    ]);
  });
});
