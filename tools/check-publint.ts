// publint on every published package, as strict as it can be.
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { publishedPackages } from './packages.ts';
import { reportProblems } from './report-problems.ts';

const problems: string[] = [];
const packages = publishedPackages();
for (const { name, folder } of packages) {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true });
  for (const message of messages) {
    problems.push(`${name}: ${message.type}: ${formatMessage(message, pkg) ?? message.code}`);
  }
}
reportProblems(problems, `${packages.length} packages are ready to publish`);
