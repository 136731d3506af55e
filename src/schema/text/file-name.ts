/** Names that become files and folders: on every system that a project may be copied to, and within what disks take. */

/** Bytes in UTF-8: the 255 of most disks, less what attempts and temporary files add. */
export const longestName = 200;

/** A workflow's task, `segment@t2`, names folders of logs and attempts. */
export const longestTaskName = 220;

/** What is wrong with a name for a file or folder, to be read behind it; undefined where nothing is. */
export function nameFault(name: string): string | undefined {
  const control = controlCharacter(name);
  if (control !== undefined) return `holds the control character ${control}`;
  const bytes = Buffer.byteLength(name);
  if (bytes > longestName) return `is too long: ${bytes} bytes, and at most ${longestName} will do`;
  if (deviceNames.test(name)) return "is a name that Windows keeps for a device";
  if (/[. ]$/.test(name) && name !== "." && name !== "..")
    return "ends with a dot or a blank, which Windows drops";
  if (process.platform === "win32" && /[<>:"|?*]/.test(name))
    return "holds a character that Windows does not take";
  return undefined;
}

/** The first part of a path that is wrong, as `nameFault` says it; `..` and an empty part are the caller's. */
export function pathFault(path: string): string | undefined {
  for (const part of path.split(/[\\/]/)) {
    const fault = nameFault(part);
    if (fault !== undefined) return part === path ? fault : `: ${shownName(part)} ${fault}`;
  }
  return undefined;
}

/** `U+0000`; tabs and line ends count too. Undefined where there is none. */
export function controlCharacter(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const [found] = /[\u0000-\u001f\u007f]/.exec(text) ?? [];
  return found === undefined ? undefined : codeOf(found);
}

const codeOf = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Short, and with control characters escaped, for messages. */
export const shownName = (name: string): string => {
  const short = name.length > 60 ? `${name.slice(0, 59)}…` : name;
  return controlCharacter(short) === undefined ? short : JSON.stringify(short);
};

/** Also with an ending: `nul.mrc`. */
const deviceNames = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)/i;
