import { useMemo, useSyncExternalStore } from "react";
import { type Route, readRoute } from "./route.ts";

const watch = (changed: () => void): (() => void) => {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
};

/** The route in the address bar, again at each change. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(watch, () => location.hash);
  return useMemo(() => readRoute(hash), [hash]);
}

/** Goes to an address made by `routeTo`; `replace` leaves no step for the back button. */
export function goTo(address: string, { replace = false } = {}): void {
  if (replace) location.replace(address);
  else location.hash = address;
}
