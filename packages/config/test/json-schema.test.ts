import { expect, test } from 'vitest';
import { jsonSchema, undescribed } from './json-schema.ts';

test('the published JSON Schema is that of the sources', async () => {
  // `npm test -- packages/config -u` writes it.
  const text = `${JSON.stringify(jsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../schema.json');
});

test('every option is described', () => {
  expect(undescribed(jsonSchema())).toEqual([]);
});
