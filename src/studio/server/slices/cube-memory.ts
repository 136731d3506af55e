/** Cubes read lately, of all volumes together, up to a number: those not asked for the longest go first. */
export interface CubeMemory {
  find(name: string, index: number): Promise<Uint16Array> | undefined;
  /** Reads it where it is not there; several that ask at once wait for one reading. */
  take(name: string, index: number, read: () => Promise<Uint16Array>): Promise<Uint16Array>;
  /** All cubes of names that begin with this one. */
  forget(name: string): void;
}

/** @param most cubes that are kept */
export function createCubeMemory(most: number): CubeMemory {
  const cubes = new Map<string, Promise<Uint16Array>>();
  const keyOf = (name: string, index: number): string => `${name} ${index}`;
  const find = (name: string, index: number): Promise<Uint16Array> | undefined => {
    const key = keyOf(name, index);
    const known = cubes.get(key);
    if (known === undefined) return undefined;
    cubes.delete(key);
    cubes.set(key, known);
    return known;
  };
  return {
    find,
    take(name, index, read) {
      const known = find(name, index);
      if (known) return known;
      const key = keyOf(name, index);
      const reading = read();
      cubes.set(key, reading);
      reading.catch(() => cubes.delete(key));
      for (const oldest of cubes.keys()) {
        if (cubes.size <= most) break;
        cubes.delete(oldest);
      }
      return reading;
    },
    forget(name) {
      for (const key of [...cubes.keys()]) if (key.startsWith(`${name} `)) cubes.delete(key);
    },
  };
}
