/** A value typed on the command line, read as YAML would read it: `5`, `true`, `null`, `text`, `[1, 2]`. */
import { parse, YAMLError } from "yaml";

/** The value of `text`; what is no YAML is the text itself. */
export function parseScalar(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent" });
  } catch (error) {
    if (error instanceof YAMLError || error instanceof ReferenceError) return text;
    throw error;
  }
}
