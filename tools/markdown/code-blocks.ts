/** A fenced block of TypeScript in a Markdown file. */
export interface CodeBlock {
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  /** What the comment before it names: `examples/recipes/src/retry.ts#basic`. */
  readonly source: string | undefined;
  /** The offsets of the code itself in the text. */
  readonly start: number;
  readonly end: number;
}

const pattern = /(?:^<!-- snippet: (?<source>\S+) -->\n+)?^```ts\n(?<code>[\s\S]*?)^```$/gm;

/** Every fenced `ts` block of a Markdown text. */
export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(pattern)].map((match) => {
    const start = match.index + match[0].indexOf('```ts\n') + '```ts\n'.length;
    const code = match.groups?.['code'] ?? '';
    const line = text.slice(0, start).split('\n').length - 1;
    return { line, source: match.groups?.['source'], start, end: start + code.length };
  });
}

/** The text with an empty block after each comment that names an example and has none. */
export function withMissingBlocks(text: string): string {
  return text.replaceAll(/^<!-- snippet: \S+ -->\n(?!\n*```ts\n)/gm, '$&```ts\n```\n');
}
