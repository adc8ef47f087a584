import pc from 'picocolors';

/** A bar that is filled to a share from 0 to 1. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return pc.cyan('█'.repeat(filled)) + pc.dim('░'.repeat(width - filled));
}

/** One mark for each customer; without colours, too, it tells who was served. */
export function marks(served: readonly boolean[]): string {
  return served.map((isServed) => (isServed ? pc.green('▪') : pc.red('✕'))).join('');
}
