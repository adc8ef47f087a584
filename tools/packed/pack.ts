// Packs every published package as npm would publish it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { publishedPackages } from '../packages.ts';
import { tarballFolder } from './tarballs.ts';

rmSync(tarballFolder, { recursive: true, force: true });
mkdirSync(tarballFolder, { recursive: true });
const workspaces = publishedPackages().flatMap(({ name }) => ['--workspace', name]);
execFileSync('npm', ['pack', ...workspaces, '--pack-destination', tarballFolder], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
