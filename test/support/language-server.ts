/** The YAML language server that editors run (Red Hat's), over standard input and output, in the protocol editors speak. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Both count from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface EditorDiagnostic {
  readonly message: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

export interface Editor extends AsyncDisposable {
  /** Opens a file with this text; resolves with what the server finds wrong with it. */
  open(path: string, text: string): Promise<readonly EditorDiagnostic[]>;
  /** The hover text at a place, as Markdown; empty where there is none. */
  hover(path: string, position: Position): Promise<string>;
  /** The labels that are offered at a place. */
  complete(path: string, position: Position): Promise<readonly string[]>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** As an editor with default settings, but without looking for schemas in the network. */
const settings = {
  yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } },
};

export async function startEditor(): Promise<Editor> {
  const connection = connect();
  await connection.ask("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      textDocument: { hover: { contentFormat: ["markdown"] } },
      workspace: { configuration: true },
    },
  });
  connection.tell("initialized", {});
  connection.tell("workspace/didChangeConfiguration", { settings });
  const at = (path: string, position: Position) => ({
    textDocument: { uri: pathToFileURL(path).href },
    position,
  });
  return {
    async open(path, text) {
      const uri = pathToFileURL(path).href;
      const found = connection.diagnosticsOf(uri);
      connection.tell("textDocument/didOpen", {
        textDocument: { uri, languageId: "yaml", version: 1, text },
      });
      return found;
    },
    async hover(path, position) {
      const answer = (await connection.ask("textDocument/hover", at(path, position))) as {
        contents: { value: string };
      } | null;
      return answer?.contents.value ?? "";
    },
    async complete(path, position) {
      const answer = (await connection.ask("textDocument/completion", at(path, position))) as {
        items: { label: string }[];
      };
      return answer.items.map(({ label }) => label);
    },
    async [Symbol.asyncDispose]() {
      await connection.ask("shutdown", null);
      connection.tell("exit", null);
      await connection.ended;
    },
  };
}

/** Messages are JSON behind a `Content-Length` heading. */
function connect() {
  const server = createRequire(import.meta.url).resolve("yaml-language-server/package.json");
  const child = spawn(process.execPath, [join(dirname(server), "bin/yaml-language-server"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const waiting = new Map<string, (found: readonly EditorDiagnostic[]) => void>();
  let lastId = 0;
  const send = (message: Message) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const receive = ({ id, method, params, result, error }: Message) => {
    if (method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = params as { uri: string; diagnostics: EditorDiagnostic[] };
      waiting.get(uri)?.(diagnostics);
    } else if (method === "workspace/configuration" && id !== undefined) {
      const { items } = params as { items: { section: string }[] };
      send({ id, result: items.map(({ section }) => (section === "yaml" ? settings.yaml : {})) });
    } else if (method !== undefined && id !== undefined) send({ id, result: null });
    else if (id !== undefined) {
      const answer = answers.get(id);
      answers.delete(id);
      if (error === undefined) answer?.resolve(result);
      else answer?.reject(new Error(JSON.stringify(error)));
    }
  };
  readMessages(child.stdout, receive);
  const ended = once(child, "exit");
  void ended.then(() => {
    for (const { reject } of answers.values()) reject(new Error("the language server has ended"));
  });
  return {
    ended,
    tell: (method: string, params: unknown) => send({ method, params }),
    ask: (method: string, params: unknown) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        answers.set(id, { resolve, reject });
        send({ id, method, params });
      }),
    diagnosticsOf: (uri: string) =>
      new Promise<readonly EditorDiagnostic[]>((resolve) => waiting.set(uri, resolve)),
  };
}

function readMessages(stream: NodeJS.ReadableStream, receive: (message: Message) => void): void {
  let unread = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      const heading = unread.indexOf("\r\n\r\n");
      if (heading < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(unread.toString("ascii", 0, heading))?.[1]);
      const [start, end] = [heading + 4, heading + 4 + length];
      if (unread.length < end) return;
      const text = unread.toString("utf8", start, end);
      unread = unread.subarray(end);
      receive(JSON.parse(text) as Message);
    }
  });
}
