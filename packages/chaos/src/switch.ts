/** What has calls under way, and can let them go on. */
export interface Disturber {
  /** Ends the injections that are under way. */
  calm(): void;
}

/** What all copies of this package share. */
export interface SwitchState {
  isOn: boolean;
  /** Those that have struck calls under way. */
  readonly disturbers: Set<Disturber>;
}

/** Stops all chaos of the process; see {@link chaosSwitch}. */
export interface ChaosSwitch {
  /** Whether chaos policies may strike. */
  readonly isOn: boolean;
  /**
   * Stops all chaos: no call is struck any more, and those in a latency or a hang go on to their
   * operations (or, after them, with their outcomes) at once.
   */
  off(): void;
  /** Lets the policies strike again. */
  on(): void;
}

const key: unique symbol = Symbol.for('holdfast.chaos.switch.1');
const off: readonly (string | undefined)[] = ['off', '0', 'false'];

/** The state that all copies of this package share, made by whoever comes first. */
export function switchState(): SwitchState {
  const holder = globalThis as { [key]?: SwitchState };
  holder[key] ??= {
    isOn: !off.includes(process.env['HOLDFAST_CHAOS']?.toLowerCase()),
    disturbers: new Set(),
  };
  return holder[key];
}

/**
 * The switch of all chaos policies of the process, also those of another copy of this package. It is on
 * at first, unless the environment variable `HOLDFAST_CHAOS` is `off`, `0` or `false`. Each worker
 * thread has its own.
 *
 * @example
 * ```ts
 * process.on('SIGUSR2', () => chaosSwitch.off());
 * ```
 */
export const chaosSwitch: ChaosSwitch = {
  get isOn(): boolean {
    return switchState().isOn;
  },
  off(): void {
    const state = switchState();
    state.isOn = false;
    const disturbers = [...state.disturbers];
    for (const disturber of disturbers) disturber.calm();
  },
  on(): void {
    switchState().isOn = true;
  },
};
