/** The browser of whoever sits at this machine. */
import { spawn } from "node:child_process";

/** Whether a browser opened here would be seen: not over ssh, and on Linux only where there is a screen. */
export function hasBrowser(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (environment.SSH_CONNECTION || environment.SSH_TTY) return false;
  if (platform === "darwin" || platform === "win32") return true;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** Where it cannot be opened nothing happens: the link is on the screen. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const [program, ...words] = openers[platform] ?? ["xdg-open"];
  const child = spawn(program!, [...words, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  // the first word in quotes would be the title of a window
  win32: ["cmd", "/c", "start", '""'],
};
