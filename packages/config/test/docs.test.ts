import { readFileSync } from 'node:fs';
import { policiesFrom } from '@holdfast/config';
import { expect, test } from 'vitest';
import { validatorOf } from './schema-validator.ts';

const schema = JSON.parse(readFileSync('packages/config/schema.json', 'utf8')) as Record<
  string,
  unknown
>;
const isValid = validatorOf(schema);

const examples = ['packages/config/README.md', 'docs/config.md'].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```json\n(?<text>.*?)```/gsu)].map(({ groups }, i) => ({
    what: `${page}, example ${i + 1}`,
    data: JSON.parse(groups?.['text'] ?? '') as unknown,
  })),
);

test.each(examples)('$what fits the JSON Schema and is built', ({ data }) => {
  expect(isValid(data)).toBe(true);
  expect(() => policiesFrom(data, { refuse: 'error' })).not.toThrow();
});
