import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function LaunchScreen(_: ScreenProps) {
  return (
    <EmptyState icon="launch" title="No workflow is open">
      Open a workflow to run it and to watch it.
    </EmptyState>
  );
}
