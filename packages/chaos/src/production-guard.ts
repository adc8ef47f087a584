import type { ChaosOptions } from './options.ts';
import { ChaosInProductionError } from './errors.ts';

/** Throws unless chaos may start where it is. */
export function refuseProduction(options: ChaosOptions): void {
  const { allowProduction = false, name: policy = 'chaos' } = options;
  if (allowProduction || process.env['NODE_ENV'] !== 'production') return;
  throw new ChaosInProductionError(
    `The chaos policy "${policy}" does not start while NODE_ENV is 'production'; pass \`allowProduction: true\` if it is meant to, with a \`blastRadius\`.`,
    { policy },
  );
}
