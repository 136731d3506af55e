/**
 * DeepFinder's xml: `<objlist>` of `<object tomo_idx obj_id class_label x y z psi phi the cluster_size/>`, absent
 * attributes omitted, coordinates and angles with three decimals. Ours adds score, margin and tomo_id; unknown
 * attributes survive. Attributes keep the documented order.
 */

import { XMLParser, XMLValidator } from "fast-xml-parser";
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";
import { failure, type Result, resultOf } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";
import { extraEntries } from "./column-order.ts";
import { buildObject, type FieldDescription, fieldOfName, objectFields, type RawValue } from "./fields.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { createPlaceFinder, type PlaceFinder } from "./text-place.ts";
import { type PlainElement, readPlainElements } from "./xml-plain.ts";
import {
  decodeEntities,
  decodeImpossible,
  decodeName,
  encodeImpossible,
  encodeName,
  escapeXml,
} from "./xml-text.ts";

export const xmlFormat: ObjectFormat = {
  name: "xml",
  capabilities: { fields: new Set(objectFields.map(({ field }) => field)), extra: true, requires: [] },
  read: async (bytes, source, options) => {
    const text = decodeText(bytes, { source, declared: declaredEncoding(bytes) });
    if (!text.ok) return text;
    if (!/<ParticleList[\s>/]/.test(text.value.slice(0, 4000))) return readXml(text.value, source, options);
    const { isPyTom, readPyTom } = await import("./pytom.ts");
    return (isPyTom(text.value) ? readPyTom : readXml)(text.value, source, options);
  },
  write: async (list) => new TextEncoder().encode(writeXml(list)),
};

const attributes = "attributes";

type Element = Readonly<Record<string, unknown>> & {
  readonly [attributes]?: Readonly<Record<string, string>>;
};

/** Of the declaration, which is in plain letters in every encoding but UTF-16. */
const declaredEncoding = (bytes: Uint8Array): string | undefined =>
  /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(
    new TextDecoder("latin1").decode(bytes.subarray(0, 200)),
  )?.[1];

function readXml(text: string, source: string, options: ObjectFileOptions): Result<ObjectList> {
  const plain = readPlainElements(text);
  if (plain) return buildPlain(plain, createPlaceFinder(text, source), options);
  const foreign = findDeclaredEntities(text, source);
  if (foreign) return failure([foreign]);
  const broken = findSyntaxError(text, source);
  if (broken) return failure([broken]);
  if (text.length > mostParsed) return failure([tooLarge(source)]);
  let root: Readonly<Record<string, unknown>>;
  try {
    root = parseXml(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    return failure([notXml({ file: source }, `this is not XML: ${(error as Error).message}`)]);
  }
  const names = Object.keys(root).filter((name) => !name.startsWith("?") && name !== "#text");
  if (names.length !== 1 || names[0] !== "objlist") return failure([notAnObjectList(text, source, names)]);
  const content = root.objlist;
  if (content === "" || typeof content !== "object" || content === null) return resultOf([], []);
  return readElements(content as Readonly<Record<string, unknown>>, createPlaceFinder(text, source), options);
}

/** Characters; the general parser takes ten times as much memory. */
const mostParsed = 64 << 20;

const tooLarge = (file: string): Diagnostic =>
  errorDiagnostic("objects-too-large", `this XML holds more than ${mostParsed >> 20} million characters`, {
    location: { file },
    hint: "without comments, single quotes and texts between its elements it is read in any size; or split it",
  });

function buildPlain(
  elements: readonly PlainElement[],
  places: PlaceFinder,
  options: ObjectFileOptions,
): Result<ObjectList> {
  const diagnostics: Diagnostic[] = [];
  const objects: TomogramObject[] = [];
  const readValue = attributeReader();
  for (const { start, names, values } of elements) {
    const raw = names.map((name, index) => readValue(name, values[index]!));
    const locate = (index?: number): Location =>
      index === undefined ? places.at(start) : places.ofAttribute(start, names[index]!);
    const object = buildObject(raw, { options, diagnostics, locate });
    if (object) objects.push(object);
  }
  return resultOf(objects, diagnostics);
}

const parseXml = (text: string): unknown =>
  new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    attributesGroupName: attributes,
    parseAttributeValue: false,
    parseTagValue: false,
    // of attributes in `rawValue`, each with its place
    processEntities: false,
    trimValues: false,
    captureMetaData: true,
    isArray: (name) => name === "object",
  }).parse(text);

function readElements(
  content: Readonly<Record<string, unknown>>,
  places: PlaceFinder,
  options: ObjectFileOptions,
): Result<ObjectList> {
  const elements = (content.object ?? []) as readonly (Element | string)[];
  const diagnostics: Diagnostic[] = [];
  const objects: TomogramObject[] = [];
  const unknown = Object.keys(content).filter((name) => !["object", attributes, "#text"].includes(name));
  for (const name of unknown) diagnostics.push(unknownElement(name, places));
  for (const element of elements) {
    const object = readElement(element, places, { options, diagnostics });
    if (object) objects.push(object);
  }
  return resultOf(objects, diagnostics);
}

function readElement(
  element: Element | string,
  places: PlaceFinder,
  context: { options: ObjectFileOptions; diagnostics: Diagnostic[] },
): TomogramObject | undefined {
  const given = typeof element === "string" ? {} : (element[attributes] ?? {});
  const names = Object.keys(given);
  const locate = (index?: number): Location => {
    if (typeof element === "string") return places.ofBareElement("object");
    return index === undefined
      ? places.at(startOf(element))
      : places.ofAttribute(startOf(element), names[index]!);
  };
  const values: RawValue[] = [];
  names.forEach((name, index) => {
    // XML 1.0, 3.3.3: a line end or tab that stands there itself is a blank
    const text = decodeEntities(given[name]!.replace(/\r\n|[\t\r\n]/g, " "));
    if (text === undefined) context.diagnostics.push(unknownEntity(name, locate(index)));
    values.push(attributeValue(name, text ?? ""));
  });
  return buildObject(values, { ...context, locate });
}

/** Reads attributes; what a name stands for is found once for all objects. */
function attributeReader(): (attribute: string, text: string) => RawValue {
  const known = new Map<string, RawValue>();
  return (attribute, text) => {
    const named = known.get(attribute) ?? attributeValue(attribute, "");
    known.set(attribute, named);
    return { name: named.name, description: named.description, text: decodeImpossible(text) };
  };
}

function attributeValue(attribute: string, text: string): RawValue {
  const name = decodeName(attribute);
  return { name, description: fieldOfName(name), text: decodeImpossible(text) };
}

const unknownEntity = (name: string, location: Location): Diagnostic =>
  errorDiagnostic("objects-xml", `${name} holds an & that begins no entity that XML knows`, {
    location,
    hint: "write &amp; for an &, and other characters as they are or by their numbers: &#252;",
  });

/** Where an element starts in the text; the parser keeps it under a symbol. */
function startOf(element: Element): number {
  const key = XMLParser.getMetaDataSymbol() as unknown as string;
  return (element[key] as { startIndex?: number } | undefined)?.startIndex ?? 0;
}

/** A document type that names other files, or texts that multiply: no list needs it, and no reader should follow it. */
function findDeclaredEntities(text: string, source: string): Diagnostic | undefined {
  const found = /<!DOCTYPE[^>[]*(?:\s(?:SYSTEM|PUBLIC)\s|\[)|<!ENTITY\s/i.exec(text);
  if (!found) return undefined;
  return errorDiagnostic("objects-xml", "the file declares a document type with entities of its own", {
    location: createPlaceFinder(text, source).at(found.index),
    hint: "an object list needs none: remove the part from <!DOCTYPE to its end",
  });
}

function findSyntaxError(text: string, source: string): Diagnostic | undefined {
  if (text.trim() === "") return notXml({ file: source }, "the file is empty");
  const checked = XMLValidator.validate(text);
  if (checked === true) return undefined;
  if (isCutOff(text)) return cutOff(text, source);
  const { msg, line, col } = checked.err;
  const location: Location = {
    file: source,
    line,
    column: col,
    sourceLine: text.split(/\r?\n/, line)[line - 1]?.slice(0, 200),
  };
  return notXml(location, `this is not XML: ${msg.replace(/\.$/, "")}`);
}

/** The root element begins, and never ends: what the parser stumbles over is only where the file happens to stop. */
const isCutOff = (text: string): boolean =>
  /<objlist[\s>]/.test(text) && !/<objlist[^>]*\/>|<\/objlist\s*>/.test(text);

function cutOff(text: string, source: string): Diagnostic {
  const end = text.trimEnd().length - 1;
  return errorDiagnostic("objects-xml", "the file ends too early: </objlist> is missing", {
    location: createPlaceFinder(text, source).at(end),
    hint: "it was not copied or written to its end: copy or write it again",
  });
}

const notXml = (location: Location, message: string): Diagnostic =>
  errorDiagnostic("objects-xml", message, {
    location,
    hint: 'an object list begins with <objlist> and holds one <object class_label="1" x="…" y="…" z="…"/> for each object',
  });

function notAnObjectList(text: string, source: string, names: readonly string[]): Diagnostic {
  const [name] = names;
  const start = Math.max(0, text.search(new RegExp(`<${name}[\\s/>]`)));
  const location = name === undefined ? { file: source } : createPlaceFinder(text, source).at(start);
  const found = name === undefined ? "it has no element" : `its root element is <${name}>`;
  return errorDiagnostic("objects-xml", `this XML is not an object list: ${found}, not <objlist>`, {
    location,
    hint: "give the object list written by DeepFinder or tomoflow, not another XML file",
  });
}

function unknownElement(name: string, places: PlaceFinder): Diagnostic {
  return errorDiagnostic("objects-xml", `<objlist> holds a <${name}>, only <object> is known`, {
    location: places.ofElement(name),
    hint: "remove it, or write it as <object …/>",
  });
}

function writeXml(list: ObjectList): string {
  if (list.length === 0) return "<objlist/>\n";
  const elements = list.map((object) => `  <object${attributesOf(object)}/>\n`);
  return `<objlist>\n${elements.join("")}</objlist>\n`;
}

function attributesOf(object: TomogramObject): string {
  let written = "";
  for (const description of objectFields) {
    const value = object[description.field];
    if (value !== undefined)
      written += ` ${description.attribute}="${escapeXml(encodeImpossible(formatValue(value, description)))}"`;
  }
  return object.extra ? written + extraAttributes(object.extra) : written;
}

const extraAttributes = (extra: Readonly<Record<string, string>>): string =>
  extraEntries(extra)
    .map(([name, value]) => ` ${encodeName(name)}="${escapeXml(encodeImpossible(value))}"`)
    .join("");

function formatValue(value: number | string, { rounded }: FieldDescription): string {
  if (typeof value === "string") return value;
  if (rounded) return value.toFixed(3).replace(/^-0\.000$/, "0.000");
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(6)));
}
