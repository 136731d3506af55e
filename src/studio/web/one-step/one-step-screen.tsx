import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function OneStepScreen(_: ScreenProps) {
  return (
    <EmptyState icon="step" title="One step alone">
      Choose a step to run on files of your own.
    </EmptyState>
  );
}
