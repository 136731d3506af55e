import { useState } from "react";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import styles from "./tour.module.css";

interface Stop {
  readonly icon: IconName;
  readonly title: string;
  readonly words: string;
}

const stops: readonly Stop[] = [
  {
    icon: "look",
    title: "Look",
    words:
      "Open a tomogram. Drag in a plane and the other two follow; the wheel goes through slices, with Ctrl it zooms. Averaging neighbouring slices takes noise away.",
  },
  {
    icon: "annotate",
    title: "Annotate",
    words:
      "Choose a class and double-click where a particle is. Everything is saved as you go, and every step can be undone. A few hundred of each class are enough to train.",
  },
  {
    icon: "configure",
    title: "Configure",
    words:
      "The work is one file: which tomograms, and which steps run on them. Fill in forms; the YAML beside them is the file itself, for git and for your colleagues.",
  },
  {
    icon: "launch",
    title: "Launch",
    words:
      "Run it and watch: the graph of steps, the log, the curves of the training. Only what has changed runs again.",
  },
  {
    icon: "review",
    title: "Review",
    words:
      "Walk through what was found, best first: accept, reject, change the class. The corrected list can train the next network.",
  },
];

const place = "tomoflow.tour";

export interface TourState {
  readonly open: boolean;
  start(): void;
  end(): void;
}

/** Whether the tour is shown: at the first start of this browser, and when asked for. */
export function useTour(): TourState {
  const [open, setOpen] = useState(() => localStorage.getItem(place) !== "seen");
  return {
    open,
    start: () => setOpen(true),
    end: () => {
      localStorage.setItem(place, "seen");
      setOpen(false);
    },
  };
}

/** What the studio is for, in five short steps. */
export function Tour({ open, end }: TourState) {
  const [at, setAt] = useState(0);
  const stop = stops[at]!;
  const last = at === stops.length - 1;
  const close = (): void => {
    end();
    setAt(0);
  };
  return (
    <Dialog
      title="From a tomogram to a list of particles"
      open={open}
      onClose={close}
      actions={
        <>
          <Button look="quiet" onClick={close}>
            {last ? "Close" : "Skip"}
          </Button>
          {at > 0 && <Button onClick={() => setAt(at - 1)}>Back</Button>}
          <Button look="primary" onClick={last ? close : () => setAt(at + 1)}>
            {last ? "Begin" : "Next"}
          </Button>
        </>
      }
    >
      <div className={styles.tour}>
        <ol className={styles.steps}>
          {stops.map(({ title, icon }, index) => (
            <li key={title} aria-current={index === at ? "step" : undefined}>
              <Icon name={icon} size={18} />
              {title}
            </li>
          ))}
        </ol>
        <p className={styles.words} aria-live="polite">
          {stop.words}
        </p>
      </div>
    </Dialog>
  );
}
