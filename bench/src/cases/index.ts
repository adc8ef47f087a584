import type { Case } from '../case.ts';
import { failureCases } from './failure.ts';
import { signalCases } from './signals.ts';
import { successCases } from './success.ts';

/** Everything that is measured. */
export const cases: readonly Case[] = [...successCases, ...failureCases, ...signalCases];
