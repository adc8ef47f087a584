// Installs what the repository needs, only when it is missing or out of date.
// Runs on Node 20 before anything is installed: no dependencies and no TypeScript here.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, platform, arch, stderr, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const modules = join(root, 'node_modules');
const stamp = join(modules, '.holdfast-setup');
// The first Node that runs TypeScript files without a flag.
const oldest = [22, 18];

/** Makes the tree ready for work and returns the path of the Node to work with. */
export async function setUp() {
  if (!isCurrent()) await install();
  return chooseNode();
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function writeStamp() {
  if (existsSync(modules)) writeFileSync(stamp, lockHash());
}

async function install() {
  const progress = startProgress('Installing the development tools');
  const { code, output } = await runNpm(['ci', '--include=dev', '--include=optional']);
  progress.stop();
  if (code !== 0) fail(explain(output), output);
  writeStamp();
}

function runNpm(args) {
  // npm names its own program when it runs a script; Windows cannot spawn `npm` without a shell.
  const npm = env.npm_execpath;
  const child = npm?.endsWith('.js')
    ? spawn(execPath, [npm, ...args], { cwd: root })
    : spawn('npm', args, { cwd: root, shell: platform === 'win32' });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function startProgress(label) {
  const started = Date.now();
  if (!stderr.isTTY) {
    stderr.write(`${label} (once, about half a minute) ...\n`);
    return { stop: () => {} };
  }
  const draw = () =>
    stderr.write(`\r${label} (once) ... ${Math.round((Date.now() - started) / 1000)} s`);
  draw();
  const timer = setInterval(draw, 1000);
  return {
    stop() {
      clearInterval(timer);
      stderr.write('\n');
    },
  };
}

function explain(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/.test(output)) {
    return 'npm could not reach its registry. Check the network or the proxy, then run the command again.';
  }
  if (/ENOSPC/.test(output)) return 'The disk is full: the tools need about 700 MB.';
  if (/EACCES|EPERM|EROFS/.test(output)) return `npm may not write to ${modules}.`;
  if (/Missing: .* from lock file|not in sync/.test(output)) {
    return 'package.json and package-lock.json disagree. Run `npm install` and commit the lockfile.';
  }
  return 'npm could not install the development tools.';
}

function chooseNode() {
  const bundled = bundledNode();
  if (bundled !== undefined) return bundled;
  if (isNewEnough(versions.node)) return execPath;
  return fail(
    `This is Node ${versions.node}, and no newer one is bundled for ${platform}-${arch}. ` +
      `Install Node ${oldest.join('.')} or newer (24 is best) and run the command again.`,
  );
}

function bundledNode() {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const path = join(modules, name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(path)) return undefined;
  if (spawnSync(path, ['--version']).status === 0) return path;
  // Installed but not runnable, as on a Linux without glibc: npm must not find it in its PATH.
  for (const file of ['node', 'node.cmd', 'node.ps1'])
    rmSync(join(modules, '.bin', file), { force: true });
  return undefined;
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function fail(message, details = '') {
  const tail = details.trim().split('\n').slice(-15).join('\n');
  stderr.write(`${tail === '' ? '' : `${tail}\n\n`}${message}\n`);
  process.exit(1);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  // npm calls this after every install by hand, so that the next command does not repeat it.
  if (argv.includes('--stamp')) writeStamp();
  else await setUp();
}
