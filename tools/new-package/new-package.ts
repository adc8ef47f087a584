// `npm run new-package -- name`: a package from the skeleton, which passes the types and its tests at once.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { namesOf } from './names.ts';

const template = 'tools/new-package/template';
const [name = ''] = process.argv.slice(2);
const folder = `packages/${name}`;

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  console.error('npm run new-package -- name, where the name is in kebab-case: rate-limiter');
  process.exitCode = 1;
} else if (existsSync(join(folder, 'package.json'))) {
  console.error(`${folder} exists already`);
  process.exitCode = 1;
} else {
  writePackage();
  console.log(`${folder} and docs/policies/${name}.md are there. Now: npm install, describe it in`);
  console.log(
    'package.json, README.md and its page, write its recipes (examples/recipes/src), add its',
  );
  console.log(
    'rows to README.md, docs/README.md and docs/errors.md, npm run fix, npm run changeset.',
  );
}

function writePackage(): void {
  for (const file of globSync(`${template}/**/*.tmpl`)) {
    const path = fill(file.slice(template.length + 1, -'.tmpl'.length));
    const target = path.startsWith('docs') ? path : join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(readFileSync(file, 'utf8')));
  }
  copyFileSync('LICENSE', join(folder, 'LICENSE'));
  // A long name breaks a line where a short one does not.
  const format = ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', folder];
  spawnSync(process.execPath, format, { stdio: 'inherit' });
}

/** Replaces `{{kebab}}` and its other forms. */
function fill(text: string): string {
  const values = { ...namesOf(name), policyRange: `^${policyVersion()}` };
  return Object.entries(values).reduce(
    (result, [form, value]) => result.replaceAll(`{{${form}}}`, value),
    text,
  );
}

function policyVersion(): string {
  const manifest = readFileSync('packages/policy/package.json', 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
