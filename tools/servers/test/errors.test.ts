import { expect, test } from 'vitest';
import { lastLines, ServerMissingError, ServerStartError } from '../src/errors.ts';

test('a missing server tells the command that installs it', () => {
  const { message } = new ServerMissingError('redis');
  expect(message).toContain('npm run servers -- install redis');
});

test('a failed start shows the last lines, and carries all', () => {
  const logs = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
  const error = new ServerStartError('redis', 'ended', logs);
  expect(error.message).toMatch(/^redis ended\n {2}\| \.\.\. 20 more\n {2}\| line 20\n/);
  expect(error.message).toMatch(/line 49$/);
  expect(error.logs).toBe(logs);
});

test('a short log is shown as a whole', () => {
  expect(lastLines('one\ntwo\n', 3)).toBe('  | one\n  | two');
});
