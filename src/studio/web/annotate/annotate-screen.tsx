import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function AnnotateScreen(_: ScreenProps) {
  return (
    <EmptyState icon="annotate" title="No tomogram is open">
      Choose one at home to mark objects in it.
    </EmptyState>
  );
}
