import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function ReviewScreen(_: ScreenProps) {
  return (
    <EmptyState icon="review" title="Nothing to review yet">
      Detections of a finished run appear here.
    </EmptyState>
  );
}
