/**
 * What keeps the results and the lock of a variant apart from those of the plain workflow and of other variants: `@short`.
 * Neither the name of a workflow nor that of a step holds `@`. Empty without a variant.
 */
export const variantSuffix = (variant: string | undefined): string =>
  variant === undefined ? "" : `@${variant}`;
