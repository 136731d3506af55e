/** A real studio on a temporary project, and requests as its own page sends them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Studio, startStudio } from "../../../src/studio/server/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";

export interface OpenedStudio {
  readonly root: string;
  readonly studio: Studio;
  readonly cookie: string;
  /** Status and JSON of the answer. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind
  readonly ask: (path: string, body?: unknown, method?: string) => Promise<{ status: number; answer: any }>;
}

export async function openStudio(
  context: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<OpenedStudio> {
  const root = await temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, ".."), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const web = await temporaryFolder(context);
  await mkdir(join(web, "assets"));
  await writeFile(join(web, "index.html"), "<!doctype html><title>studio</title>");
  const studio = await startStudio({ root, web });
  context.after(() => studio.close());
  const welcome = await fetch(studio.url, { redirect: "manual" });
  const cookie = welcome.headers.getSetCookie()[0]!.split(";")[0]!;
  const origin = new URL(studio.url).origin;
  return {
    root,
    studio,
    cookie,
    ask: async (path, body, method = body === undefined ? "GET" : "POST") => {
      const response = await fetch(origin + path, {
        method,
        headers: { cookie, origin, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, answer: text === "" ? undefined : JSON.parse(text) };
    },
  };
}
