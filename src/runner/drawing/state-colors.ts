/** The colours of the states, alike in every picture, for light and dark surroundings. */
import type { StateCounts, TaskState } from "../events.ts";

export const stateOrder: readonly TaskState[] = ["fresh", "restore", "run", "pending"];

/** `3 fresh, 1 to restore, 2 to run, 4 waiting`. */
export const stateWords: Readonly<Record<TaskState, string>> = {
  fresh: "fresh",
  restore: "to restore",
  run: "to run",
  pending: "waiting",
};

export const countsText = (counts: StateCounts): string =>
  stateOrder
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${stateWords[state]}`)
    .join(", ");

/** Rules for pictures: fonts, and a class for each role. Plain values, since not every viewer knows variables. */
export const pictureStyle = `
.tf text{font-family:Inter,"Helvetica Neue",Helvetica,Arial,sans-serif;fill:#1f2933}
.tf .muted{fill:#66727f}.tf .ground{fill:#ffffff}.tf .box{fill:#ffffff;stroke:#c9d1d9}.tf .off{fill:#f4f6f8;stroke:#c9d1d9}
.tf .arrow{fill:none;stroke:#8b97a4}.tf .head{fill:#8b97a4}.tf .rule{stroke:#e4e8ec}.tf .lane{fill:#f4f6f8}
.tf .fresh{fill:#2f9e5f}.tf .restore{fill:#2f86c6}.tf .run{fill:#e39a14}.tf .pending{fill:#a3adb8}
@media (prefers-color-scheme:dark){
.tf text{fill:#e6eaee}.tf .muted{fill:#9aa5b1}.tf .ground{fill:#15191e}.tf .box{fill:#1e242b;stroke:#3d4752}
.tf .off{fill:#191e24;stroke:#3d4752}.tf .arrow{stroke:#6b7784}.tf .head{fill:#6b7784}.tf .rule{stroke:#2a323a}.tf .lane{fill:#1b2027}
.tf .fresh{fill:#3fb873}.tf .restore{fill:#4aa3e0}.tf .run{fill:#f0ad33}.tf .pending{fill:#5d6874}
}`;
