import { useEffect, useState } from "react";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { studioSocket, useConnection } from "../connection/studio-socket.ts";
import styles from "./shell.module.css";

/** Says so at the top when the server cannot be heard, and since it tries again, for how long it waits. */
export function ConnectionLine() {
  const state = useConnection();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (state.kind !== "lost") return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [state]);
  // one missed try is no news: a laptop that wakes up is back before it could be read
  if (state.kind !== "lost" || state.tries < 2) return null;
  const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
  return (
    <div className={styles.lost} role="status">
      <Icon name="warning" />
      <span>
        The studio's server does not answer. Does <code>tomoflow studio</code> still run, and is the ssh
        tunnel open? Next try in {seconds} s.
      </span>
      <Button size="small" onClick={() => studioSocket().retry()}>
        Try now
      </Button>
    </div>
  );
}
