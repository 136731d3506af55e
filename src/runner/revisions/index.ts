/** Locks of other revisions and variants. A door of its own: `tomoflow run` looks at its own lock alone. */
export {
  type ComparedSide,
  type ComparedValue,
  type CompareOptions,
  compareLocks,
  type LockComparison,
} from "./compare-locks.ts";
export { type LockedTasks, lockNow, type WorkflowPlace } from "./lock-at.ts";
export { type LockRevision, readLockHistory } from "./lock-history.ts";
