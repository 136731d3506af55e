/**
 * Builds the browser's part of the studio (src/studio/web) into dist/studio/web with Vite: no inline script, no inline
 * style and nothing from another host, as the server's Content-Security-Policy asks.
 */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { build } from "vite";

export async function buildStudio(root: string): Promise<void> {
  await build({
    configFile: false,
    root: join(root, "src", "studio", "web"),
    base: "./",
    plugins: [react()],
    logLevel: "warn",
    build: {
      outDir: join(root, "dist", "studio", "web"),
      emptyOutDir: true,
      target: "es2022",
      // leaves light-dark() and nesting as they are written
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      // data: URLs of fonts and pictures would need another line in the policy
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
    },
  });
}
