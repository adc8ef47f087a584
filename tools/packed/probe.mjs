// Runs in a project that has the tarballs installed: every entry loads by `import` and by `require`, as one module.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'index.js'));
let failed = false;
for (const entry of process.argv.slice(2)) {
  try {
    const imported = await import(entry);
    const required = require(entry);
    compare(imported, required);
  } catch (error) {
    failed = true;
    console.error(`${entry}: ${error.stack}`);
  }
}

/** A module that exports `'module.exports'` wants `require` to give that, and nothing else. */
function compare(imported, required) {
  if ('module.exports' in imported) {
    if (imported['module.exports'] !== required) throw new Error('require gives something else');
    return;
  }
  for (const name of Object.keys(imported)) {
    if (imported[name] !== required[name]) throw new Error(`${name} is two different things`);
  }
}

console.log(`${process.version}: ${failed ? 'failed' : `${process.argv.length - 2} entries load`}`);
process.exitCode = failed ? 1 : 0;
