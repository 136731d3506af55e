/** The lock of a workflow that is about to run: one run at a time writes it. */
import { basename, join } from "node:path";
import { acquireLease } from "../claims/lease.ts";
import type { Layout } from "../store/layout.ts";
import { Lock } from "./lock.ts";

const never = new AbortController().signal;

/** Milliseconds between looks while another run writes: that takes no longer. */
const pollMilliseconds = 20;

/** Throws `lock-conflict`, `lock-unreadable`. */
export function openLock(layout: Layout): Promise<Lock> {
  const name = basename(layout.lock);
  const folder = join(layout.leases, name);
  const nothing = () => undefined;
  return Lock.open(layout.lock, {
    async alone(work) {
      const asked = { task: name, signal: never, onWait: nothing, onTakeOver: nothing, pollMilliseconds };
      const lease = await acquireLease(folder, asked);
      try {
        await work();
      } finally {
        await lease.release();
      }
    },
  });
}
