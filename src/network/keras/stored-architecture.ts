/**
 * Which network a file of weights is of. DeepFinder's has no word of it, and is known by its shapes; any other is named in an
 * attribute of our own, with its parameters, so that `segment` builds the network that was trained.
 */
import { TomoflowError } from "../../core/error.ts";
import { type Architecture, networkOf } from "../networks.ts";

/** At the root of the file: JSON {name, classes, filters, settings}. */
export const architectureAttribute = "tomoflow_network";

/** Wider layers than these come from a damaged file, and classes beyond from no label map of bytes. */
export const mostFilters = 2048;
export const mostClasses = 256;
const mostResolutions = 8;

/** Undefined for DeepFinder's network, which needs no word. */
export function describeArchitecture({ name, classes, filters, settings }: Architecture): string | undefined {
  return name === undefined ? undefined : JSON.stringify({ name, classes, filters, settings });
}

/**
 * Of the attribute's text.
 *
 * @throws TomoflowError `network-unknown` for a network that this version does not have, `weights-network` for what describes none
 */
export function parseArchitecture(text: unknown, path: string): Architecture {
  const { name, classes, filters, settings = {} } = parseObject(text, path);
  if (typeof name !== "string") throw undescribed(path, "it has no name");
  const network = networkOf({ name });
  if (!isWhole(classes, 2, mostClasses))
    throw undescribed(path, `its classes are ${JSON.stringify(classes)}`);
  const widths = Array.isArray(filters) ? filters : [];
  const isSensible = widths.length >= 2 && widths.length <= mostResolutions;
  if (!isSensible || !widths.every((width) => isWhole(width, 1, mostFilters)))
    throw undescribed(path, `its filters are ${JSON.stringify(filters)}`);
  const given = Object.entries(settings ?? {});
  for (const [key, value] of given) {
    const parameter = network.parameters[key];
    if (parameter === undefined) throw undescribed(path, `${name} has no parameter ${key}`);
    if (!isWhole(value, parameter.minimum, parameter.maximum))
      throw undescribed(path, `its ${key} is ${JSON.stringify(value)}`);
  }
  const own = given.length > 0 && { settings: Object.fromEntries(given) as Architecture["settings"] };
  return { name, classes: classes as number, filters: widths, ...own };
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

function parseObject(text: unknown, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw undescribed(path, "it is no JSON object");
}

const undescribed = (path: string, fault: string): TomoflowError =>
  new TomoflowError(
    "weights-network",
    `${path}: its attribute ${architectureAttribute} describes no network: ${fault}`,
    {
      hint: "the file is damaged, or not written by tomoflow: train again, or take another file",
    },
  );
