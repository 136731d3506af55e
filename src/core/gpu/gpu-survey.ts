/** How tasks may share the GPUs of a machine that has several. */

export interface GpuSurvey {
  /**
   * `each`: the `webgpu` engine can be pointed to every one of them. `together`: it takes one and nobody can say which, so only one
   * of its tasks may run at a time. `none`: it cannot be used here.
   */
  readonly use: "each" | "together" | "none";
  /** Why not `each`, and what to do. */
  readonly reason?: string;
  readonly hint?: string;
}
