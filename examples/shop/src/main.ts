import process from 'node:process';
import { Demo } from './demo.ts';
import { type Display, makeDisplay } from './display/display.ts';
import { goHome } from './driver/customer.ts';
import { type Flags, parseFlags, usage, UsageError } from './flags.ts';
import { ServiceError } from './processes/service-process.ts';
import { followPolicies } from './operator/follow-policies.ts';
import { isKept } from './report.ts';
import { scenario } from './scenario.ts';
import { Shop } from './shop.ts';
import { sideNames } from './sides.ts';

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Resolves with the exit code when the user, or the system, ends the demonstration. */
function interrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => resolve(exitCodes[signal]));
    }
  });
}

async function demonstrate(shop: Shop, flags: Flags, display: Display): Promise<number> {
  display.say('Starting two shops of six processes each …');
  await shop.start();
  display.say(`The policies, to edit while the demo runs: ${shop.policies.path}`);
  const all = scenario({ isQuick: flags.quick });
  const phases = all.phases.filter(({ id }) => flags.only.length === 0 || flags.only.includes(id));
  const demo = new Demo({
    shop,
    scenario: { ...all, phases },
    seed: flags.seed,
    onPhaseEnd: (result) => display.phaseEnded(result),
  });
  display.begin(demo);
  const report = await demo.run();
  display.end(report);
  return isKept(report) ? 0 : 1;
}

/** Tells where everything is, and waits until the user has had enough. */
function keepRunning(shop: Shop): void {
  const lines = sideNames.flatMap((name) => [
    ` ${name}:`,
    ...Object.entries(shop.sides[name].urls).map(
      ([service, url]) => `   ${service.padEnd(13)} ${url}`,
    ),
  ]);
  const policies = ` its policies, to edit: ${shop.policies.path}`;
  const text = ['', ' The shop is still running; Ctrl-C ends it.', ...lines, policies, ''];
  process.stderr.write(text.join('\n'));
  void followPolicies(shop.sides.resilient, (line) => process.stderr.write(` ${line}\n`));
}

async function run(flags: Flags): Promise<number> {
  const display = makeDisplay(flags);
  const stopped = interrupted();
  let crashed: (error: Error) => void = () => {};
  const crash = new Promise<never>((_resolve, reject) => {
    crashed = reject;
  });
  const shop = await Shop.make({ seed: flags.seed, onCrash: (error) => crashed(error) });
  try {
    const ended = demonstrate(shop, flags, display);
    const code = await Promise.race([ended, stopped, crash]);
    // After an interruption the rest fails, since its services are gone: that is nobody's concern.
    ended.catch(() => {});
    if (!flags.keep || code >= exitCodes.SIGHUP) return code;
    keepRunning(shop);
    return await Promise.race([stopped, crash]);
  } finally {
    display.stop();
    await Promise.all([shop.close(), goHome()]);
  }
}

async function main(): Promise<number> {
  const phases = scenario({ isQuick: true }).phases.map(({ id }) => id);
  try {
    const flags = parseFlags(process.argv.slice(2), phases);
    if (!flags.help) return await run(flags);
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ServiceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await main());
