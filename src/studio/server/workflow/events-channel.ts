/** Runs over the socket: their list as it changes, and the records of one, read from its file, whoever runs it. */
import { relative, sep } from "node:path";
import { layoutOf, listRuns, type RecordedEvent, type RunRecord, readRun } from "../../../runner/index.ts";
import type { WorkflowPlace } from "../../../runner/revisions/index.ts";
import { eventsChannel, type RunsNews, type WatchRuns } from "../../protocol/workflow.ts";
import type { StudioContext } from "../context.ts";
import type { Channel, Client } from "../socket.ts";
import { placeOf } from "./workflow-place.ts";

/** Runs of a workflow that are listed. */
const listedRuns = 50;
/** Milliseconds between looks at the list. */
const listInterval = 500;
/** Records in a message at most; of a run of a thousand tasks there are some thousands. */
const recordsAtOnce = 500;
/** Bytes that a slow connection may be behind before its reader waits. */
const mostBuffered = 1 << 20;

export function eventsChannelOf(context: StudioContext): Channel {
  const watching = new Map<string, AbortController>();
  const stopWatching = ({ session }: Client): void => watching.get(session)?.abort();
  return {
    onClose(client) {
      stopWatching(client);
      watching.delete(client.session);
    },
    async onMessage(client, message) {
      const wanted = readWatch(message);
      stopWatching(client);
      const stop = new AbortController();
      watching.set(client.session, stop);
      const place = await placeOf(context, wanted);
      const signal = AbortSignal.any([stop.signal, context.signal]);
      await Promise.all([
        tellList(client, place, { context, signal }),
        wanted.run === undefined
          ? undefined
          : tellRun(client, place, { run: wanted.run, after: wanted.after ?? 0, context, signal }),
      ]);
    },
  };
}

/** Of a stranger's message only what is of the right type counts. */
function readWatch({ path, variant, run, after }: Readonly<Record<string, unknown>>): WatchRuns {
  return {
    path: String(path),
    ...(typeof variant === "string" && { variant }),
    ...(typeof run === "string" && { run }),
    ...(Number.isSafeInteger(after) && { after: after as number }),
  };
}

interface Telling {
  readonly context: StudioContext;
  readonly signal: AbortSignal;
}

const say = (client: Client, news: RunsNews): void => client.send({ ...news, channel: eventsChannel });

async function tellList(client: Client, place: WorkflowPlace, { context, signal }: Telling): Promise<void> {
  const layout = layoutOf(place);
  const of = {
    workflowPath: relative(place.folder, place.path).replaceAll(sep, "/"),
    variant: place.variant,
  };
  let told = "";
  while (!signal.aborted) {
    const runs = (await listRuns(layout, { of, most: listedRuns })).map((run) => ({
      ...run,
      ...(run.end && { end: shownEvent(run.end, context) as typeof run.end }),
    }));
    // `last` and `records` change with each event, which whoever follows the run gets anyway
    const text = JSON.stringify(runs.map(({ id, state, end }) => [id, state, end]));
    if (text !== told) say(client, { type: "runs", runs });
    told = text;
    await wait(listInterval, signal);
  }
}

async function tellRun(
  client: Client,
  place: WorkflowPlace,
  { run, after, context, signal }: Telling & { readonly run: string; readonly after: number },
): Promise<void> {
  let batch: RunRecord[] = [];
  const send = (): void => {
    if (batch.length > 0) say(client, { type: "records", run, records: batch });
    batch = [];
  };
  const sending = setInterval(send, 50);
  try {
    for await (const record of readRun(layoutOf(place), run, { after, follow: true, signal })) {
      batch.push({ ...record, event: shownEvent(record.event, context) });
      if (batch.length >= recordsAtOnce) send();
      while (client.buffered() > mostBuffered && client.isOpen && !signal.aborted) await wait(50, signal);
    }
  } finally {
    clearInterval(sending);
    send();
  }
  if (!signal.aborted) say(client, { type: "run-over", run });
}

/** With paths as the browser knows them. */
export function shownEvent(event: RecordedEvent, { files }: Pick<StudioContext, "files">): RecordedEvent {
  switch (event.type) {
    case "run-started":
      return { ...event, path: files.shown(event.path) };
    case "task-started":
      return { ...event, logFile: files.shown(event.logFile) };
    case "task-ended":
      return {
        ...event,
        ...(event.logFile !== undefined && { logFile: files.shown(event.logFile) }),
        outputs: Object.fromEntries(
          Object.entries(event.outputs).map(([port, path]) => [port, files.shown(path)]),
        ),
      };
    case "run-ended":
      return { ...event, resultsFolder: files.shown(event.resultsFolder) };
    default:
      return event;
  }
}

const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
