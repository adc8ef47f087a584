/** The process of one case: measures the case whose number is its argument and prints the result. */
import { succeeding } from './case.ts';
import { cases } from './cases/index.ts';
import { measure } from './measure.ts';

const [number = '', roundMs = '', rounds = ''] = process.argv.slice(2);
const chosen = cases[Number(number)];
if (chosen === undefined) throw new RangeError(`There is no case ${number}.`);
const batch = await chosen.make();
const bare = succeeding((operation) => operation());
const result = await measure(batch, bare, { roundMs: Number(roundMs), rounds: Number(rounds) });
process.stdout.write(JSON.stringify(result));
process.exit(0);
