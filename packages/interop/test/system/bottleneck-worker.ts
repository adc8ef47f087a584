// A process that calls through a limiter of Bottleneck which it shares with others by Redis. It writes a
// line for each beginning and each end of an operation, with the time of the machine.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedLimiter } from './shared-limiter.ts';

const [url = '', log = '', calls = '0', workMs = '0', expiresMs] = process.argv.slice(2);
const file = openSync(log, 'a');

function write(event: string): void {
  writeSync(file, `${event} ${performance.timeOrigin + performance.now()}\n`);
}

const shared = await sharedLimiter(url, {
  maxConcurrent: 3,
  expiresMs: expiresMs === undefined ? undefined : Number(expiresMs),
});
process.send?.('ready');

const all = Array.from({ length: Number(calls) }, () =>
  shared.policy.outcome(async () => {
    write('begin');
    await sleep(Number(workMs));
    write('end');
  }),
);
for (const { ok } of await Promise.all(all)) if (!ok) write('failed');
await shared.end();
process.disconnect();
