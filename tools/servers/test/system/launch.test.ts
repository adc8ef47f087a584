import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { waitForTheWord } from '../../src/launch.ts';

test('starts nothing before the word, and keeps the process id', async () => {
  const { child, word } = launch();
  word.end('go\n');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString().trim()).toBe(String(child.pid));
});

test('starts nothing when the word does not come', async () => {
  const { child, word } = launch();
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  word.end();
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output).toBe('');
});

function launch(): { child: ReturnType<typeof spawn> & { stdout: Readable }; word: Writable } {
  const program = ['sh', '-c', 'echo $$'];
  const child = spawn('/bin/sh', ['-c', waitForTheWord, 'sh', ...program], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('a child without an output');
  return { child: Object.assign(child, { stdout }), word: child.stdio[3] as Writable };
}
