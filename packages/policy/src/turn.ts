import { performance as nodePerformance } from 'node:perf_hooks';
import { setImmediate as nodeImmediate, setTimeout as nodeTimeout } from 'node:timers';
import { inNobodysContext } from './nobodys-context.ts';

/**
 * One turn of the event loop: what a clock said in it, and what is to be tidied up at its end.
 * Reading the clock costs as much as a whole bare call, so a reading is shared by the calls of the
 * same turn; but not by many, since a chain of microtasks can keep a turn going for long.
 */
// The fake timers of sinon, which are those of vitest and jest, mark their functions with their clock.
const wasLoadedUnderFakes = 'clock' in setTimeout;
const realImmediate = wasLoadedUnderFakes ? nodeImmediate : setImmediate;
const realTimeout = wasLoadedUnderFakes ? nodeTimeout : setTimeout;
const realPerformance = wasLoadedUnderFakes ? nodePerformance : performance;
const readingsShared = 64;

/**
 * Reads the monotonic clock. The global `performance` is a getter that costs half as much as the
 * reading: fake timers replace it together with `setTimeout`, which is looked at for nothing.
 */
export function readClock(): number {
  return (setTimeout === realTimeout ? realPerformance : performance).now();
}

/** Something with work to do once the present turn of the event loop is over. */
export interface TurnEndTask {
  /** Called once the turn is over; must not throw. */
  turnEnded(): void;
}

let time = 0;
let sharesLeft = 0;
let marked = false;
let tasks: TurnEndTask[] = [];

/** Remembers a fresh reading of the system's clock for the rest of this turn. */
export function beginTurn(now: number): void {
  time = now;
  sharesLeft = readingsShared;
  if (!marked) mark();
}

/** The reading of this turn, or undefined when the clock has to be read. */
export function turnTime(): number | undefined {
  // With fake timers time may jump within a turn: ask each time.
  if (sharesLeft === 0 || setTimeout !== realTimeout) return undefined;
  sharesLeft--;
  return time;
}

/** Calls `task.turnEnded()` once, when the present turn is over. */
export function onTurnEnd(task: TurnEndTask): void {
  tasks.push(task);
  if (!marked) mark();
}

/** Whether a `setTimeout` is not the one that Node came with. */
export function isFaked(armedWith: typeof setTimeout): boolean {
  return armedWith !== realTimeout;
}

function mark(): void {
  marked = true;
  inNobodysContext(beginEnd);
}

function beginEnd(): void {
  realImmediate(endTurn);
}

function endTurn(): void {
  marked = false;
  sharesLeft = 0;
  const due = tasks;
  tasks = [];
  for (const task of due) task.turnEnded();
}
