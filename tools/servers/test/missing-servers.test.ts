import { expect, test } from 'vitest';
import { judge } from '../src/missing-servers.ts';

const note = 'not installed here: redis; npm run servers -- install redis';

test('tests run when no server is missing, in CI and elsewhere', () => {
  expect(judge([], undefined)).toEqual({ action: 'run' });
  expect(judge([], 'true')).toEqual({ action: 'run' });
});

test.each([undefined, '', '0', 'false'])('tests are skipped with a note when CI is %j', (ci) => {
  expect(judge(['redis'], ci)).toEqual({ action: 'skip', note });
});

test.each(['true', '1', 'woodpecker'])('tests fail with the same note when CI is %j', (ci) => {
  expect(judge(['redis'], ci)).toEqual({ action: 'fail', note });
});

test('the note names all servers that are missing', () => {
  expect(judge(['redis', 'postgres'], undefined)).toMatchObject({
    note: 'not installed here: redis, postgres; npm run servers -- install redis postgres',
  });
});
