// `npm run servers -- list` and `npm run servers -- install [names]`
import { install, isInstalled } from './install/install.ts';
import { isServerName, recipes, serverNames } from './recipes.ts';

const [command = 'list', ...words] = process.argv.slice(2);
const unknown = words.filter((word) => !isServerName(word));
const names = words.length === 0 ? serverNames : words.filter((word) => isServerName(word));

if (unknown.length > 0 || !['list', 'install'].includes(command)) {
  console.error(`usage: npm run servers -- list | install [${serverNames.join('] [')}]`);
  process.exitCode = 2;
} else if (command === 'install') {
  try {
    await install(names, (line) => console.log(line));
    console.log(`${names.join(', ')}: installed`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} else {
  for (const name of names) {
    const { version, description, estimateSeconds } = recipes[name].source;
    const state = isInstalled(name) ? 'installed' : `missing, takes about ${estimateSeconds} s`;
    console.log(`${name.padEnd(20)} ${version.padEnd(8)} ${description.padEnd(24)} ${state}`);
  }
}
