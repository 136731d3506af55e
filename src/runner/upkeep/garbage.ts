/**
 * Decides what `gc` removes. A result is what one task key made; it goes with its checkpoints and those of its files
 * that no other result has. What a lock refers to (if asked), what a working copy is a link to and what belongs to a
 * task at work stays whatever the age and the size.
 */
import type { CacheSurvey, StoredLog, StoredResult, StoredRun, StoredThing } from "./cache-survey.ts";

/** What `collectGarbage` keeps. */
export interface GarbageRules {
  /** What a lock file of the project refers to stays. Without any other rule, everything else goes. */
  readonly keepLocked?: boolean;
  /** Seconds: what was of no use for longer goes. */
  readonly olderThanSeconds?: number;
  /** The results used longest ago go until the cache takes no more. */
  readonly maxBytes?: number;
}

export interface Garbage {
  readonly results: readonly StoredResult[];
  /** Files of the cache. */
  readonly blobs: readonly StoredThing[];
  readonly checkpoints: readonly StoredThing[];
  readonly logs: readonly StoredLog[];
  /** Records of runs. */
  readonly runs: readonly StoredRun[];
  /** Of volumes, for the studio. */
  readonly slices: readonly StoredThing[];
  /** Journals and originals of lists. */
  readonly studio: readonly StoredThing[];
  /** What killed runs left behind. */
  readonly attempts: readonly StoredThing[];
  /** Bytes of results and checkpoints that stay. */
  readonly keptBytes: number;
}

/** Logs of earlier attempts, records of runs, and checkpoints of work that never ended, stay this long when no age is given. */
const patienceSeconds = 30 * 86_400;

/** `now` in milliseconds since 1970. */
export function findGarbage(survey: CacheSurvey, rules: GarbageRules, now: number): Garbage {
  const before = (seconds: number) => now - seconds * 1000;
  const limit = before(rules.olderThanSeconds ?? patienceSeconds);
  const goes = chooseResults(survey, rules, before);
  const kept = survey.results.filter((result) => !goes.has(result));
  const checkpoints = chooseCheckpoints(survey, kept, limit);
  const blobs = chooseBlobs(survey, kept, rules);
  const keeps = [...survey.blobs.values(), ...survey.checkpoints.values()].filter(
    (thing) => !blobs.includes(thing) && !checkpoints.includes(thing),
  );
  // they hold undo, decisions of reviews, and the only copy of what a list was: never without being asked for an age
  const studio = survey.studio.filter(
    ({ usedMilliseconds }) => rules.olderThanSeconds !== undefined && usedMilliseconds < limit,
  );
  const slices = chooseSlices(survey.slices, limit, maxBytes(rules) - bytesOf(keeps));
  return {
    results: [...goes],
    blobs,
    checkpoints,
    logs: survey.logs.filter((log) => log.usedMilliseconds < limit && isLogOver(log, survey, rules)),
    runs: survey.runs.filter((run) => run.usedMilliseconds < limit && !run.isRecent),
    slices,
    studio,
    attempts: survey.deadAttempts,
    keptBytes:
      bytesOf(keeps) + bytesOf(survey.slices) - bytesOf(slices) + bytesOf(survey.studio) - bytesOf(studio),
  };
}

const maxBytes = ({ maxBytes = Number.POSITIVE_INFINITY }: GarbageRules): number => maxBytes;

/** Those not looked at for long, and of the others what does not fit beside the results, the longest unused first. */
function chooseSlices(slices: readonly StoredThing[], limit: number, room: number): readonly StoredThing[] {
  let left = room;
  return [...slices]
    .sort((a, b) => b.usedMilliseconds - a.usedMilliseconds)
    .filter(({ bytes, usedMilliseconds }) => {
      left -= bytes;
      return usedMilliseconds < limit || left < 0;
    });
}

export const bytesOf = (things: readonly StoredThing[]): number =>
  things.reduce((sum, { bytes }) => sum + bytes, 0);

function chooseResults(
  survey: CacheSurvey,
  { keepLocked = false, olderThanSeconds, maxBytes }: GarbageRules,
  before: (seconds: number) => number,
): ReadonlySet<StoredResult> {
  const free = survey.results
    .filter((result) => !isInUse(result, survey) && !(keepLocked && survey.locked.keys.has(result.key)))
    .sort((a, b) => a.usedMilliseconds - b.usedMilliseconds);
  const all = keepLocked && olderThanSeconds === undefined && maxBytes === undefined;
  const limit = all ? Number.POSITIVE_INFINITY : before(olderThanSeconds ?? Number.POSITIVE_INFINITY);
  const goes = new Set(free.filter(({ usedMilliseconds }) => usedMilliseconds < limit));
  if (maxBytes === undefined) return goes;
  const weights = new Weights(survey);
  for (const result of goes) weights.drop(result);
  for (const result of free) {
    if (weights.bytes <= maxBytes) break;
    if (goes.has(result)) continue;
    goes.add(result);
    weights.drop(result);
  }
  return goes;
}

const isInUse = ({ lineage, blobs }: StoredResult, survey: CacheSurvey): boolean =>
  (lineage !== undefined && survey.liveLineages.has(lineage)) ||
  blobs.some((sha256) => survey.linkedBlobs.has(sha256));

/** What the results take together, while one after the other goes; a file that two share goes with the second. */
class Weights {
  bytes: number;
  readonly #things = new Map<string, { readonly bytes: number; users: number }>();

  constructor({ results, blobs, checkpoints }: CacheSurvey) {
    for (const result of results)
      for (const name of namesOf(result)) {
        const bytes = (blobs.get(name) ?? checkpoints.get(name))?.bytes ?? 0;
        const thing = this.#things.get(name) ?? { bytes, users: 0 };
        thing.users++;
        this.#things.set(name, thing);
      }
    const unfinished = [...checkpoints].filter(([lineage]) => !this.#things.has(lineage));
    this.bytes =
      bytesOf(unfinished.map(([, thing]) => thing)) +
      [...this.#things.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  drop(result: StoredResult): void {
    for (const name of namesOf(result)) {
      const thing = this.#things.get(name)!;
      if (--thing.users === 0) this.bytes -= thing.bytes;
    }
  }
}

const namesOf = ({ blobs, lineage }: StoredResult): ReadonlySet<string> =>
  new Set(lineage === undefined ? blobs : [...blobs, lineage]);

/** A file without a result may be one that a run at work is about to make a result of. */
function chooseBlobs(
  { blobs, results, liveLineages, locked, linkedBlobs }: CacheSurvey,
  kept: readonly StoredResult[],
  { keepLocked = false }: GarbageRules,
): readonly StoredThing[] {
  const known = new Set(results.flatMap((result) => result.blobs));
  const needed = new Set(kept.flatMap((result) => result.blobs));
  return [...blobs]
    .filter(([sha256]) => !needed.has(sha256) && !linkedBlobs.has(sha256))
    .filter(([sha256]) => !(keepLocked && locked.blobs.has(sha256)))
    .filter(([sha256]) => known.has(sha256) || liveLineages.size === 0)
    .map(([, thing]) => thing);
}

function chooseCheckpoints(
  { checkpoints, results, liveLineages }: CacheSurvey,
  kept: readonly StoredResult[],
  limit: number,
): readonly StoredThing[] {
  const finished = new Set(results.map(({ lineage }) => lineage));
  const needed = new Set(kept.map(({ lineage }) => lineage));
  return [...checkpoints]
    .filter(([lineage]) => !liveLineages.has(lineage) && !needed.has(lineage))
    .filter(([lineage, { usedMilliseconds }]) => finished.has(lineage) || usedMilliseconds < limit)
    .map(([, thing]) => thing);
}

/** The last log of a task in a lock, and that of the attempt which made a result in a lock, tell how it was made. */
function isLogOver(
  { isLast, key, task }: StoredLog,
  { locked }: CacheSurvey,
  { olderThanSeconds }: GarbageRules,
): boolean {
  if (key !== undefined && locked.keys.has(key)) return false;
  return !isLast || (olderThanSeconds !== undefined && !locked.tasks.has(task));
}
