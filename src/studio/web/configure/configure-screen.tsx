import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function ConfigureScreen(_: ScreenProps) {
  return (
    <EmptyState icon="configure" title="No workflow is open">
      Open a workflow file or begin one from a template.
    </EmptyState>
  );
}
