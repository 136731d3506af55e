/** What is done with results between runs. A door of its own, so that `tomoflow run` does not load it. */
export { type CheckedOutFile, type CheckoutOptions, checkoutLock } from "./checkout.ts";
export type { GarbageRules } from "./garbage.ts";
export { collectGarbage, type GcOptions, type GcReport, type RemovedPart } from "./gc.ts";
