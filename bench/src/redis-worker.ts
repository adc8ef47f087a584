// One of the processes that share a limit: decides as fast as it can, and tells how often it has.
import { setTimeout as sleep } from 'node:timers/promises';
import { contenders, type Task } from './redis/contenders.ts';

/** What a worker is told. */
export interface WorkerTask extends Task {
  readonly contender: string;
  /** How many calls are under way at any time. */
  readonly together: number;
  readonly warmUpMs: number;
  readonly runMs: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as WorkerTask;
const contender = contenders.find(({ name }) => name === task.contender);
if (contender === undefined) throw new Error(`There is no contender ${task.contender}.`);
const decide = await contender.make(task);

let decisions = 0;
let allowed = 0;
const run = { goesOn: true };

/** Decisions without a round trip must not keep the timers from firing. */
const turnEvery = 500;

async function keepDeciding(): Promise<void> {
  for (let i = 1; run.goesOn; i++) {
    if (await decide()) allowed++;
    decisions++;
    if (i % turnEvery === 0) await new Promise(setImmediate);
  }
}

// Whoever has started it is gone, however that has ended.
process.on('disconnect', () => process.exit());
process.send?.('ready');
await new Promise((begin) => process.once('message', begin));
// When the processes end, Redis goes before the last answers.
const ended = (error: unknown): void => {
  if (run.goesOn) throw error;
};
for (let i = 0; i < task.together; i++) void keepDeciding().catch(ended);
await sleep(task.warmUpMs);
const before = { decisions, allowed, at: performance.now() };
await sleep(task.runMs);
const seconds = (performance.now() - before.at) / 1_000;
run.goesOn = false;
process.send?.({
  decisions: (decisions - before.decisions) / seconds,
  allowed: (allowed - before.allowed) / seconds,
});
process.disconnect();
