import { useEffect, useRef } from "react";
import { IconButton } from "../components/button.tsx";
import type { PaneRect } from "./panes.ts";
import { firstOrbit, type Orbit, turnBy } from "./space/space-geometry.ts";
import styles from "./viewer.module.css";
import type { ViewerStore } from "./viewer-store.ts";

interface SpacePaneProps {
  readonly pane: PaneRect;
  readonly store: ViewerStore;
  readonly alone: boolean;
  readonly orbit: Orbit;
  readonly count: number;
  onOrbit(orbit: Orbit): void;
}

/** The 3-D view's pane: dragging turns it, the wheel comes nearer, a double click turns it back. */
export function SpacePane({ pane, store, alone, orbit, count, onOrbit }: SpacePaneProps) {
  const element = useRef<HTMLElement>(null);
  const latest = useRef({ orbit, onOrbit });
  latest.current = { orbit, onOrbit };
  useEffect(() => {
    const target = element.current!;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const now = latest.current;
      const nearness = Math.min(12, Math.max(0.3, now.orbit.nearness * Math.exp(-event.deltaY * 0.0015)));
      now.onOrbit({ ...now.orbit, nearness });
    };
    target.addEventListener("wheel", turn, { passive: false });
    return () => target.removeEventListener("wheel", turn);
  }, []);
  return (
    <section
      ref={element}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows turn it
      tabIndex={0}
      aria-label={`3-D view of the box and ${count} objects; arrows turn it`}
      className={`${styles.pane} ${styles.space}`}
      data-plane="space"
      style={{ left: pane.left, top: pane.top, width: pane.width, height: pane.height }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.buttons !== 0) onOrbit(turnBy(orbit, event.movementX, event.movementY));
      }}
      onDoubleClick={() => onOrbit(firstOrbit)}
      onKeyDown={(event) => {
        const step = { ArrowLeft: [-12, 0], ArrowRight: [12, 0], ArrowUp: [0, -12], ArrowDown: [0, 12] }[
          event.key
        ];
        if (!step) return;
        event.preventDefault();
        onOrbit(turnBy(orbit, step[0]!, step[1]!));
      }}
    >
      <div className={styles.caption}>
        <b>3-D</b>
        <span>
          {count.toLocaleString("en")} {count === 1 ? "object" : "objects"}
        </span>
      </div>
      <IconButton
        icon="expand"
        size="small"
        label={alone ? "Show all planes" : "Show 3-D alone"}
        className={styles.expand}
        onPointerDown={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        onClick={() => store.setState({ layout: alone ? "all" : "space" })}
      />
    </section>
  );
}
