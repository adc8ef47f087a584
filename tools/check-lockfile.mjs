// Checks package-lock.json for the two things that make `npm ci` fail elsewhere:
// an optional platform package without an entry, and an address that only this machine may reach.
// No dependencies, so that it can also tell why an installation failed.
import { readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'));

/** Walks up the folders as Node does, and tells whether `name` is found from `folder`. */
function isLocked(folder, name) {
  for (let at = folder; ; at = at.slice(0, Math.max(at.lastIndexOf('node_modules/') - 1, 0))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined)
      return true;
    if (at === '') return false;
    if (!at.includes('node_modules/')) return isLocked('', name);
  }
}

const problems = [];
for (const [folder, entry] of Object.entries(lock.packages)) {
  if (/^(https?|git)/.test(entry.resolved ?? '')) {
    problems.push(`${folder}: names a host (npm install with this repository's .npmrc omits it)`);
  }
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!isLocked(folder, name)) {
      problems.push(
        `${folder || 'package.json'}: no entry for its optional ${name}@${range}; choose a version whose platform packages are all published`,
      );
    }
  }
}

for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'the lockfile is complete' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
