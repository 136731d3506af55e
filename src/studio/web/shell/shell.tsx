import { type ComponentType, lazy, Suspense, useEffect, useMemo, useState } from "react";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { ToastCorner } from "../components/toast.tsx";
import { type ScreenProps, screens } from "../screens.ts";
import { ConnectionLine } from "./connection-line.tsx";
import { KeyPage } from "./key-page.tsx";
import { type KeyGroup, listenForKeys, useKeys } from "./keys.ts";
import { Mended } from "./mended.tsx";
import { Rail } from "./rail.tsx";
import styles from "./shell.module.css";
import { goTo, useRoute } from "./use-route.ts";

const lazyScreens: ReadonlyMap<string, ComponentType<ScreenProps>> = new Map(
  screens.map(({ name, load }) => [name, lazy(async () => ({ default: await load() }))]),
);

/** The frame of every screen: the rail at the left, the screen, messages, the key list. */
export function Shell() {
  const { screen, rest, query } = useRoute();
  const [keysShown, showKeys] = useState(false);
  useEffect(listenForKeys, []);
  useKeys(useMemo(() => shellKeys(() => showKeys(true)), []));
  useEffect(() => {
    const title = screens.find(({ name }) => name === screen)?.title;
    document.title = title ? `${title} · tomoflow` : "tomoflow";
  }, [screen]);
  const Screen = lazyScreens.get(screen);
  return (
    <div className={styles.shell}>
      <Rail screen={screen} onKeys={() => showKeys(true)} />
      <main className={styles.main} id="main">
        <ConnectionLine />
        <div className={styles.screen}>
          <Mended key={screen}>
            <Suspense fallback={<Waiting what="Loading" />}>
              {Screen ? (
                <Screen query={query} rest={rest} />
              ) : (
                <EmptyState icon="search" title="There is no such page" actions={<a href="#/">Go home</a>} />
              )}
            </Suspense>
          </Mended>
        </div>
      </main>
      <ToastCorner />
      <KeyPage open={keysShown} onClose={() => showKeys(false)} />
    </div>
  );
}

function shellKeys(showKeys: () => void): KeyGroup {
  return {
    title: "Everywhere",
    bindings: [
      { keys: ["?"], does: "Show this list of keys", run: showKeys },
      ...screens.map(({ name, title }, index) => ({
        keys: [`alt+${index + 1}`],
        does: `Go to ${title}`,
        run: () => goTo(`#/${name}`),
      })),
    ],
  };
}
