// `node tools/run.mjs FILE ARGS`: sets the tree up if need be, then runs FILE on the repository's own Node.
// Runs on Node 20 before anything is installed: no dependencies and no TypeScript here.
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { argv, env } from 'node:process';
import { root, setUp } from './setup.mjs';

const node = await setUp();
const path = [dirname(node), join(root, 'node_modules', '.bin'), env.PATH].join(delimiter);
// No tool of ours reports home.
const childEnv = { ...env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
const child = spawn(node, argv.slice(2), { cwd: root, stdio: 'inherit', env: childEnv });

// The child decides when to end: a terminal's Ctrl-C reaches it as well.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
