import { expect, test } from 'vitest';
import { ServerStartError } from '../src/errors.ts';
import { startDespiteRaces } from '../src/lost-race.ts';

const lost = new ServerStartError('redis', 'ended', 'bind: Address already in use');

test('starts anew when the port was taken in between', async () => {
  const results = [lost, lost, 'server'];
  expect(await startDespiteRaces(starts(results))).toBe('server');
});

test('gives up after three lost races', async () => {
  const results = [lost, lost, lost, 'server'];
  await expect(startDespiteRaces(starts(results))).rejects.toBe(lost);
  expect(results).toEqual(['server']);
});

test('does not repeat a start that fails for another reason', async () => {
  const broken = new ServerStartError('redis', 'ended', 'Bad directive');
  const results = [broken, 'server'];
  await expect(startDespiteRaces(starts(results))).rejects.toBe(broken);
  expect(results).toEqual(['server']);
});

function starts(results: (string | Error)[]): () => Promise<string> {
  return async () => {
    const result = results.shift() ?? '';
    if (result instanceof Error) throw result;
    return result;
  };
}
