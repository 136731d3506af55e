/**
 * PyTom's particle lists (.xml): `<ParticleList>` of `<Particle>` with `PickPosition` and `Shift` in voxels, 0 the first, `Rotation` Z1 = phi, X = the,
 * Z2 = psi, a score and a class. The tomogram is the `Origin` of the position.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { hasAngles, type ObjectList, type TomogramObject } from "../object-list.ts";
import { inOneLine } from "./fields.ts";
import { shortNumber } from "./lines/number-lines.ts";
import type { ObjectFileOptions, ObjectFormat, ObjectsByTomogram } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";
import { noClass } from "./star/columns.ts";
import { escapeXml } from "./xml-text.ts";

export const pytomFormat: ObjectFormat = {
  name: "pytom",
  capabilities: {
    fields: new Set([...(["label", "x", "y", "z", "tomogramId", "phi", "psi", "the", "score"] as const)]),
    ...{ extra: false, requires: [] },
  },
  read: async (bytes, source, options) => {
    const text = decodeText(bytes, { source });
    return text.ok ? readPyTom(text.value, source, options) : text;
  },
  write: async (list, options) => new TextEncoder().encode(writePyTom(list, options)),
};

/** Whether an xml file is of PyTom, by its first element. */
export const isPyTom = (text: string): boolean =>
  /^[^<]*(?:<\?[^>]*>\s*|<!--[\s\S]*?-->\s*)*<ParticleList[\s>/]/.test(text.slice(0, 4000));

/** Characters; the parser takes ten times as much memory. */
const mostParsed = 64 << 20;

type Element = Readonly<Record<string, unknown>>;

export function readPyTom(text: string, file: string, options: ObjectFileOptions): Result<ObjectsByTomogram> {
  const wrong = (message: string) =>
    failure([errorDiagnostic("objects-xml", message, { location: { file } })]);
  if (text.length > mostParsed)
    return wrong(`this XML holds more than ${mostParsed >> 20} million characters: split it`);
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    return wrong("a list of particles declares no entities (<!DOCTYPE …>)");
  const valid = XMLValidator.validate(text);
  if (valid !== true) return wrong(`this is not XML: line ${valid.err.line}: ${inOneLine(valid.err.msg)}`);
  let root: Element;
  try {
    root = parser.parse(text) as Element;
  } catch (error) {
    return wrong(`this is not XML: ${inOneLine((error as Error).message)}`);
  }
  const list = root.ParticleList;
  if (list === undefined) return wrong("there is no <ParticleList>: this is no list of PyTom");
  const particles =
    list === "" || typeof list !== "object" || list === null ? [] : ((list as Element).Particle ?? []);
  return objectsOf(particles as readonly unknown[], file, options);
}

const parser = new XMLParser({
  ...{ ignoreAttributes: false, attributeNamePrefix: "", parseAttributeValue: false, parseTagValue: false },
  isArray: (name) => name === "Particle",
});

function objectsOf(
  particles: readonly unknown[],
  file: string,
  options: ObjectFileOptions,
): Result<ObjectsByTomogram> {
  const mistakes: Diagnostic[] = [];
  const objects: TomogramObject[] = [];
  let unclassed = 0;
  for (const [index, particle] of particles.entries()) {
    const problem = (message: string): void => {
      if (mistakes.length < 20)
        mistakes.push(
          errorDiagnostic("object-value", `particle ${index + 1}: ${message}`, { location: { file } }),
        );
    };
    const part = (name: string): Element | undefined => {
      const found = isElement(particle) ? particle[name] : undefined;
      return isElement(found) ? found : undefined;
    };
    const number = (element: Element | undefined, name: string): number => {
      const text = element?.[name];
      const value = typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN;
      if (Number.isFinite(value)) return value;
      problem(`${name} "${inOneLine(String(text ?? "").slice(0, 40))}" is not a number`);
      return 0;
    };
    const position = part("PickPosition");
    if (!position) {
      problem("it has no PickPosition");
      continue;
    }
    const shift = part("Shift");
    const along = (axis: string): number =>
      number(position, axis) + (shift?.[axis] === undefined ? 0 : number(shift, axis));
    const rotation = part("Rotation");
    if (rotation && String(rotation.Paradigm ?? "ZXZ") !== "ZXZ")
      problem("its Rotation is not of the paradigm ZXZ");
    const score = valueOfScore(part("Score"));
    const label = Number(part("Class")?.Name ?? Number.NaN);
    const isClassed = Number.isInteger(label) && label >= 1;
    if (!isClassed) unclassed++;
    const origin = String(position.Origin ?? "");
    objects.push({
      label: isClassed ? label : (options.label ?? 0),
      ...{ x: along("X"), y: along("Y"), z: along("Z") },
      ...(origin !== "" && { tomogramId: origin }),
      ...(rotation && {
        phi: number(rotation, "Z1"),
        psi: number(rotation, "Z2"),
        the: number(rotation, "X"),
      }),
      ...(score !== undefined && { score }),
    });
  }
  if (unclassed > 0 && options.label === undefined)
    mistakes.push(noClass(file, `has ${unclassed} particles without a class of 1 or more`));
  return mistakes.length > 0 ? failure(mistakes) : success(objectsInPixels(objects));
}

const isElement = (value: unknown): value is Element =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As an attribute, or as an attribute of the score's own element. */
function valueOfScore(score: Element | undefined): number | undefined {
  if (!score) return undefined;
  const value = score.Value ?? Object.values(score).find((one) => isElement(one) && "Value" in one);
  const number = Number(isElement(value) ? value.Value : (value ?? Number.NaN));
  return Number.isFinite(number) ? number : undefined;
}

function writePyTom(list: ObjectList, { tomogram }: ObjectFileOptions): string {
  const binning = tomogram?.binning ?? 1;
  const lines = list.map((object, index) => {
    const [x, y, z] = [object.x, object.y, object.z].map((value) => shortNumber(value * binning));
    const origin = object.tomogramId ?? tomogram?.row?.id ?? "";
    return [
      `  <Particle Filename="particle_${index}.em">`,
      ...(hasAngles(object)
        ? [
            `    <Rotation Paradigm="ZXZ" X="${shortNumber(object.the)}" Z1="${shortNumber(object.phi)}" Z2="${shortNumber(object.psi)}"/>`,
          ]
        : []),
      `    <Shift X="0" Y="0" Z="0"/>`,
      `    <PickPosition Origin="${escapeXml(origin)}" X="${x}" Y="${y}" Z="${z}"/>`,
      ...(object.score === undefined
        ? []
        : [
            `    <Score Type="FLCFScore" RemoveAutocorrelation="False" Value="${shortNumber(object.score)}"/>`,
          ]),
      `    <Class Name="${object.label}"/>`,
      "  </Particle>",
    ].join("\n");
  });
  return `${["<ParticleList>", ...lines, "</ParticleList>"].join("\n")}\n`;
}
