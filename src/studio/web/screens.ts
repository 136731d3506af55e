import type { ComponentType } from "react";
import type { IconName } from "./components/icon.tsx";

/** What a screen gets: the words behind `?` and the rest of the path (`#/step/cluster` gives `cluster`). */
export interface ScreenProps {
  readonly query: URLSearchParams;
  readonly rest: string;
}

export interface ScreenEntry {
  /** First part of the route: `look` for `#/look?file=…`; empty for `#/`. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** Loads its code when it is first shown. */
  load(): Promise<ComponentType<ScreenProps>>;
}

/** The screens in the order of the rail. */
export const screens: readonly ScreenEntry[] = [
  {
    name: "",
    title: "Home",
    icon: "home",
    load: async () => (await import("./home/home-screen.tsx")).HomeScreen,
  },
  {
    name: "look",
    title: "Look",
    icon: "look",
    load: async () => (await import("./look/look-screen.tsx")).LookScreen,
  },
  {
    name: "annotate",
    title: "Annotate",
    icon: "annotate",
    load: async () => (await import("./annotate/annotate-screen.tsx")).AnnotateScreen,
  },
  {
    name: "configure",
    title: "Configure",
    icon: "configure",
    load: async () => (await import("./configure/configure-screen.tsx")).ConfigureScreen,
  },
  {
    name: "launch",
    title: "Launch",
    icon: "launch",
    load: async () => (await import("./launch/launch-screen.tsx")).LaunchScreen,
  },
  {
    name: "review",
    title: "Review",
    icon: "review",
    load: async () => (await import("./review/review-screen.tsx")).ReviewScreen,
  },
  {
    name: "step",
    title: "One step",
    icon: "step",
    load: async () => (await import("./one-step/one-step-screen.tsx")).OneStepScreen,
  },
];
