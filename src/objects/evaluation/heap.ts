/** A binary heap of whole numbers by key, least first; equal keys leave in the order of their values. */
export interface Heap {
  /** Of the least; infinite when the heap is empty. */
  leastKey(): number;
  push(key: number, value: number): void;
  /** Takes out the value of the least; the heap must not be empty. */
  pop(): number;
  clear(): void;
}

export function createHeap(): Heap {
  let keys = new Float64Array(64);
  let values = new Int32Array(64);
  let size = 0;
  const precedes = (key: number, value: number, otherKey: number, otherValue: number): boolean =>
    key < otherKey || (key === otherKey && value < otherValue);
  const put = (at: number, key: number, value: number): void => {
    keys[at] = key;
    values[at] = value;
  };
  const makeRoom = (): void => {
    const [oldKeys, oldValues] = [keys, values];
    keys = new Float64Array(2 * size);
    values = new Int32Array(2 * size);
    keys.set(oldKeys);
    values.set(oldValues);
  };
  return {
    leastKey: () => (size === 0 ? Number.POSITIVE_INFINITY : keys[0]),
    push(key, value) {
      if (size === keys.length) makeRoom();
      let at = size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!precedes(key, value, keys[parent], values[parent])) break;
        put(at, keys[parent], values[parent]);
        at = parent;
      }
      put(at, key, value);
    },
    pop() {
      if (size === 0) throw new RangeError("the heap is empty");
      const least = values[0];
      const [key, value] = [keys[--size], values[size]];
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && precedes(keys[child + 1], values[child + 1], keys[child], values[child]))
          child++;
        if (!precedes(keys[child], values[child], key, value)) break;
        put(at, keys[child], values[child]);
        at = child;
      }
      put(at, key, value);
      return least;
    },
    clear() {
      size = 0;
    },
  };
}
