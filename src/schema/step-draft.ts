import type { StepDescription } from "./step-description.ts";
import type { PlainMap } from "./text/data-path.ts";
import type { Spot } from "./text/findings.ts";
import type { WorkflowStep } from "./workflow.ts";

/** A step as far as it could be read. */
export interface StepDraft {
  readonly id: string;
  /** What is right of it, enough to bind its inputs; absent when its kind or its source is wrong. */
  readonly step?: WorkflowStep;
  /** An input that `with` redirects is wrong: whether the step has all its inputs cannot be told. */
  readonly uncertain: boolean;
  readonly kind?: StepDescription;
  /** Its parameters with params and env resolved, right or wrong. */
  readonly given: PlainMap;
  /** Names of its outputs; absent where they cannot be told. */
  readonly outputs?: readonly string[];
  readonly from: string;
  readonly enabled: boolean;
  /** Ids of the steps it names, with the place of each. */
  readonly references: readonly { readonly step: string; readonly output?: string; readonly spot: Spot }[];
}
