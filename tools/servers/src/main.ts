// `npm run servers -- list` and `npm run servers -- install [names]`
import { install, isInstalled } from './install/install.ts';
import { isServerName, recipes, serverNames, type ServerName } from './recipes.ts';

const [command = 'list', ...words] = process.argv.slice(2);
const unknown = words.filter((word) => !isServerName(word));
const names = words.length === 0 ? serverNames : words.filter((word) => isServerName(word));

if (unknown.length > 0 || !['list', 'install'].includes(command)) {
  console.error('usage: npm run servers -- list | install [names]');
  console.error(`names: ${serverNames.join(', ')}`);
  process.exitCode = 2;
} else if (command === 'install') {
  await installAll();
} else {
  for (const name of names) console.log(describe(name));
}

async function installAll(): Promise<void> {
  try {
    await install(names, (line) => console.log(line));
    console.log(`installed: ${names.join(', ')}`);
  } catch (error) {
    const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const one of errors) console.error(one instanceof Error ? one.message : one);
    process.exitCode = 1;
  }
}

function describe(name: ServerName): string {
  const { version, description, estimateSeconds } = recipes[name].source;
  const state = isInstalled(name) ? 'installed' : `missing; takes about ${estimateSeconds} s`;
  return `${name.padEnd(20)} ${version.padEnd(8)} ${description.padEnd(22)} ${state}`;
}
