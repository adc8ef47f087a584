import { ServerStartError } from './errors.ts';
import { saysPortIsTaken } from './free-port.ts';

// Only a race is lost by chance; three lost ones in a row are a broken recipe.
const attempts = 3;

/** Starts anew, on other ports, where somebody took one between our look and the server's start. */
export async function startDespiteRaces<Result>(start: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!isLostRace(error) || attempt === attempts) throw error;
    }
  }
}

function isLostRace(error: unknown): boolean {
  return error instanceof ServerStartError && saysPortIsTaken(error.logs);
}
