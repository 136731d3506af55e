import { EmptyState } from "../components/empty-state.tsx";
import type { ScreenProps } from "../screens.ts";

export function HomeScreen(_: ScreenProps) {
  return (
    <EmptyState icon="home" title="Home">
      Soon.
    </EmptyState>
  );
}
