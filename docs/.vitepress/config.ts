/** The site of the documentation: the pages of this folder, and the reference of the library made from the source. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type MarkdownEnv } from "vitepress";

const docs = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = dirname(docs);

/** Files of the repository to which pages link, by their path there: they lie under `files/` of the site. */
const filesShown = new Set<string>();

/** Where a link of `page` leads on the site. Throws for a link to nothing: VitePress itself looks at pages only. */
function siteLink(link: string, page: string): string {
  const [path, anchor = ""] = link.split(/(?=#)/);
  if (/^(https?:|mailto:|#|\/)/.test(link) || path === undefined) return link;
  const target = resolve(docs, dirname(page), path);
  if (!existsSync(target)) throw new Error(`${page} links to ${link}, which is not there`);
  if (target === join(repository, "README.md")) return `/${anchor}`;
  if (!relative(docs, target).startsWith("..")) return link;
  filesShown.add(relative(repository, target));
  return `/files/${relative(repository, target)}.txt`;
}

function sidebarOfApi(): { text: string; items: unknown[] }[] {
  return JSON.parse(readFileSync(join(docs, "api/typedoc-sidebar.json"), "utf8"));
}

const pages = (names: Record<string, string>) =>
  Object.entries(names).map(([link, text]) => ({ text, link }));

export default defineConfig({
  title: "tomoflow",
  description: "Finds macromolecules in cryo-electron tomograms",
  srcExclude: ["node_modules/**"],
  vite: { publicDir: "pictures" },
  head: [["meta", { name: "theme-color", content: "#2563a8" }]],
  rewrites: { "steps/README.md": "steps/index.md" },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Tutorial", link: "/tutorial" },
      { text: "Steps", link: "/steps/" },
      { text: "Library", link: "/library" },
    ],
    sidebar: {
      "/api/": [{ text: "The library", link: "/library" }, ...(sidebarOfApi() as [])],
      "/": [
        {
          text: "Begin",
          items: pages({
            "/tutorial": "Your first tomogram",
            "/moving-from-deepfinder": "Moving from DeepFinder",
            "/studio": "The studio",
          }),
        },
        {
          text: "Do better",
          items: pages({
            "/choosing-parameters": "Choosing parameters",
            "/troubleshooting": "Troubleshooting",
            "/engines": "GPUs and engines",
            "/speed": "How fast",
          }),
        },
        {
          text: "Look up",
          items: pages({
            "/workflow": "The workflow file",
            "/running": "Running a workflow",
            "/cluster": "On a Slurm cluster",
            "/versions": "Looking back",
            "/mistakes": "Mistakes and their messages",
            "/steps/": "The steps",
            "/volumes": "Volumes",
            "/objects": "Object lists",
            "/weights": "Weights",
            "/simulation": "Simulated tomograms",
          }),
        },
        {
          text: "Build on it",
          items: pages({
            "/own-steps": "Programs and steps of your own",
            "/library": "The library",
            "/api/": "Library reference",
            "/extending": "How to add a format, step, engine",
            "/networks-and-losses": "Networks and losses",
            "/architecture": "Architecture",
            "/dependencies": "Dependencies",
          }),
        },
      ],
    },
  },
  markdown: {
    config: (md) => {
      md.core.ruler.push("links-out-of-the-site", ({ tokens, env }) => {
        for (const { children } of tokens)
          for (const token of children ?? []) {
            const link = token.type === "link_open" ? token.attrGet("href") : null;
            if (link) token.attrSet("href", siteLink(link, (env as MarkdownEnv).relativePath));
          }
      });
    },
  },
  ignoreDeadLinks: [/^\/files\//],
  buildEnd: ({ outDir }) => {
    for (const path of filesShown) {
      const place = join(outDir, "files", dirname(path), `${basename(path)}.txt`);
      mkdirSync(dirname(place), { recursive: true });
      copyFileSync(join(repository, path), place);
    }
  },
});
