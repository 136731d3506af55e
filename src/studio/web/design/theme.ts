import { create } from "zustand";

export type ThemeChoice = "system" | "light" | "dark";

const place = "tomoflow.theme";

interface ThemeState {
  readonly choice: ThemeChoice;
  choose(choice: ThemeChoice): void;
}

/** The chosen theme, kept in this browser. `system` follows the machine. */
export const useTheme = create<ThemeState>((set) => ({
  choice: "system",
  choose: (choice) => {
    set({ choice });
    show(choice);
    localStorage.setItem(place, choice);
  },
}));

/** Shows what was chosen the last time; called once, before the first screen. */
export function restoreTheme(): void {
  const kept = localStorage.getItem(place);
  const choice: ThemeChoice = kept === "light" || kept === "dark" ? kept : "system";
  useTheme.setState({ choice });
  show(choice);
}

function show(choice: ThemeChoice): void {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}
