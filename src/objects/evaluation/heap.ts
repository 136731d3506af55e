/** A binary heap of whole numbers by key, least first; equal keys leave in the order of their values. */
export interface Heap {
  push(key: number, value: number): void;
  /** Takes out the least; the heap must not be empty. */
  pop(): { readonly key: number; readonly value: number };
}

export function createHeap(): Heap {
  const items: { readonly key: number; readonly value: number }[] = [];
  const isBefore = (a: number, b: number): boolean =>
    items[a].key < items[b].key || (items[a].key === items[b].key && items[a].value < items[b].value);
  const swap = (a: number, b: number): void => {
    [items[a], items[b]] = [items[b], items[a]];
  };
  return {
    push(key, value) {
      let at = items.push({ key, value }) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    pop() {
      const least = items[0];
      const last = items.pop();
      if (!least || !last) throw new RangeError("the heap is empty");
      if (items.length === 0) return least;
      items[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let first = at;
        if (left < items.length && isBefore(left, first)) first = left;
        if (right < items.length && isBefore(right, first)) first = right;
        if (first === at) return least;
        swap(at, first);
        at = first;
      }
    },
  };
}
