/** Where the window is: `#/look?file=a.mrc` is `{screen: "look", rest: "", query: file=a.mrc}`. */
export interface Route {
  readonly screen: string;
  /** What follows the screen in the path, without slashes at its ends. */
  readonly rest: string;
  readonly query: URLSearchParams;
}

/** Reads the part of the address after `#`. */
export function readRoute(hash: string): Route {
  const [path = "", words = ""] = splitOnce(hash.replace(/^#/, ""), "?");
  const [screen = "", ...rest] = path.split("/").filter(Boolean);
  return { screen, rest: rest.map(decoded).join("/"), query: new URLSearchParams(words) };
}

/**
 * The address of a screen.
 * @param screen e.g. `look`, `step/cluster`
 * @param words what goes behind `?`; null and undefined are left out, lists are repeated
 */
export function routeTo(
  screen: string,
  words: Readonly<Record<string, string | readonly string[] | null | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined) query.append(name, one as string);
  const text = query.toString();
  return `#/${screen}${text ? `?${text}` : ""}`;
}

/** An address that somebody cut short stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function splitOnce(text: string, mark: string): [string, string] {
  const place = text.indexOf(mark);
  return place < 0 ? [text, ""] : [text.slice(0, place), text.slice(place + mark.length)];
}
