import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function LookScreen(_: ScreenProps) {
  return (
    <EmptyState icon="look" title="No file is open">
      Choose a tomogram at home.
    </EmptyState>
  );
}
