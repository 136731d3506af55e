import { createContext, useContext } from "react";
import type { FileKind } from "../../../protocol/forms.ts";

export interface ClassChoice {
  readonly label: string;
  readonly name: string;
  readonly color?: string;
}

/** What controls of a form may use of what is around it: the workflow, or a step alone. */
export interface Surroundings {
  readonly classes: readonly ClassChoice[];
  /** Expressions that make sense here, offered while typing. */
  readonly expressions: readonly string[];
  /** Opens the project's folders; calls back with paths as the form writes them. */
  choose(
    wish: { readonly title: string; readonly kinds: readonly FileKind[] },
    chosen: (path: string) => void,
  ): void;
}

export const SurroundingsContext = createContext<Surroundings>({
  classes: [],
  expressions: [],
  choose: () => undefined,
});

export const useSurroundings = (): Surroundings => useContext(SurroundingsContext);
