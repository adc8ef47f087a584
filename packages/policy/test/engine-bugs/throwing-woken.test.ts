import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

test('a hook that throws as its call goes on does not keep others asleep', () => {
  const program = `
    import { LayeredPolicy, parked, pass } from '@holdfast/policy';
    class Gate extends LayeredPolicy {
      kind = 'gate';
      waiting = [];
      enter(run) { this.waiting.push(run); return parked; }
      woken(run) { if (run === this.waiting[0]) throw new Error('a mistake'); return 0; }
      success() { return pass; }
      failure() { return pass; }
      described() { return {}; }
    }
    const gate = new Gate('gate');
    for (const name of ['first', 'second', 'third']) gate.execute(() => console.log(name));
    for (const run of gate.waiting) run.resume();
  `;
  const flags = ['--conditions=@holdfast/source', '--input-type=module', '--no-warnings'];
  const args = [...flags, '--unhandled-rejections=none', '--eval', program];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(stdout).toBe('second\nthird\n');
});
