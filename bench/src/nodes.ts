import { execFileSync } from 'node:child_process';
import { arch, platform } from 'node:process';

/** A Node to measure with. */
export interface NodeBinary {
  readonly path: string;
  /** `'24.21.0'` */
  readonly version: string;
}

/** The Node that runs this. */
export const thisNode: NodeBinary = { path: process.execPath, version: process.versions.node };

/** The newest Node of a major version, from npm; on the platforms for which npm has one. */
export function nodeOf(major: string): NodeBinary {
  if (thisNode.version.startsWith(`${major}.`)) return thisNode;
  const system = platform === 'win32' ? 'win' : platform;
  const script = 'node -p "process.execPath + process.versions.node.padStart(20)"';
  const args = ['--yes', '--package', `node-${system}-${arch}@${major}`, '-c', script];
  const output = execFileSync('npx', args, { encoding: 'utf8', shell: platform === 'win32' });
  const text = output.trim();
  return { path: text.slice(0, -20).trim(), version: text.slice(-20).trim() };
}
