/** The two shops that run side by side: the same services, the same faults, the same customers. */
export type SideName = 'plain' | 'resilient';

export const sideNames: readonly SideName[] = ['plain', 'resilient'];

/** One value for each side. */
export type BySide<T> = Readonly<Record<SideName, T>>;

/** Makes one value for each side. */
export function bySide<T>(make: (side: SideName) => T): BySide<T> {
  return { plain: make('plain'), resilient: make('resilient') };
}

/** The same, where making takes time; both at once. */
export async function bySideAsync<T>(make: (side: SideName) => Promise<T>): Promise<BySide<T>> {
  const [plain, resilient] = await Promise.all([make('plain'), make('resilient')]);
  return { plain, resilient };
}
