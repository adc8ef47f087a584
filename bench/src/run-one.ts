/** The process of one contender: measures it as its argument says, and prints the result. */
import { bytesPerCall } from './allocate.ts';
import { groups } from './groups/index.ts';
import { weighings } from './groups/weights.ts';
import { measure } from './measure.ts';
import type { Settings, Task } from './task.ts';
import { weigh } from './weigh.ts';

async function run(task: Task): Promise<unknown> {
  if (task.kind === 'weigh') {
    const weighed = weighings[task.group]?.contenders[task.contender];
    if (weighed === undefined) throw new RangeError('There is no such contender.');
    return weigh(weighed);
  }
  const group = groups[task.group];
  const contender = group?.contenders[task.contender];
  if (group === undefined || contender === undefined) {
    throw new RangeError('There is no such contender.');
  }
  const batch = await contender.make();
  const { size = 1 } = group;
  if (task.kind === 'allocate') return bytesPerCall(batch, size);
  const base = (contender.base ?? group.base)();
  return measure(batch, base, { ...(task.settings as Settings), size });
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
process.stdout.write(JSON.stringify(await run(task)));
process.exit(0);
