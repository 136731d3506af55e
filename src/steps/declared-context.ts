/**
 * What `run` is given: of rows and classes only what the kind's ports declare, since only that enters the task's key. A read of
 * anything else would leave results fresh that are not, so it fails and says what to declare.
 */
import { TomoflowError } from "../core/error.ts";
import type { ClassDefinition, ClassField, Parameters, Ports } from "../schema/step-description.ts";
import type { StepContext, StepKind, StepRow } from "./step-kind.ts";

/** The context with nothing in it that the kind does not declare; what else it holds is left out. */
export function declaredContext<P>(
  kind: Pick<StepKind<P>, "name" | "ports">,
  { parameters, rows, classes }: StepContext<P>,
): StepContext<P> {
  const ports = kind.ports(parameters as Parameters);
  return {
    parameters,
    rows: rows.map((row) => declaredRow(row, kind.name, ports)),
    classes: ports.classFields.length === 0 ? [] : classes.map((one) => declaredClass(one, kind.name, ports)),
  };
}

function declaredRow(row: StepRow, kind: string, { inputs, columns }: Ports): StepRow {
  const ports = new Set(inputs.map(({ name }) => name));
  const files = Object.fromEntries(Object.entries(row.files).filter(([name]) => ports.has(name)));
  const values = Object.fromEntries(
    columns
      .filter((name) => name !== "id" && row.values[name] !== undefined)
      .map((name) => [name, row.values[name]]),
  );
  const declared = {
    values: guarded(values, (name) => (columns.includes(name) ? undefined : undeclaredColumn(kind, name))),
    files,
    ...(row.unnamed && { unnamed: true }),
  };
  if (columns.includes("id")) return { id: row.id, ...declared };
  // not enumerable: a copy of the row is no read of its id
  return Object.defineProperty(declared, "id", {
    get: () => {
      throw undeclaredColumn(kind, "id");
    },
  }) as unknown as StepRow;
}

const classFields: readonly ClassField[] = ["name", "radius", "mask", "density", "shape", "color"];

function declaredClass(definition: ClassDefinition, kind: string, ports: Ports): ClassDefinition {
  const { label } = definition;
  const fields = ports.classFields
    .filter((field) => definition[field] !== undefined)
    .map((field) => [field, definition[field]]);
  // a class can always be called something, in messages
  const declared = { label, name: `class ${label}`, ...Object.fromEntries(fields) };
  return guarded(declared, (name) => {
    const isUndeclared =
      classFields.includes(name as ClassField) && !ports.classFields.includes(name as ClassField);
    return isUndeclared
      ? undeclared(
          kind,
          `the ${name} of classes`,
          `classFields: [${[...ports.classFields, name].join(", ")}]`,
        )
      : undefined;
  });
}

/** Throws what `mistake` tells of a name that the target does not have; what every object has can be read. */
const guarded = <T extends object>(target: T, mistake: (name: string) => Error | undefined): T =>
  new Proxy(target, {
    get: (object, name) => {
      if (typeof name === "string" && !(name in object) && !nativeNames.has(name)) {
        const error = mistake(name);
        if (error) throw error;
      }
      return Reflect.get(object, name);
    },
  });

/** Asked of any object by JSON, promises and assertions. */
const nativeNames: ReadonlySet<string> = new Set([
  "toJSON",
  "then",
  "inspect",
  "nodeType",
  "asymmetricMatch",
]);

const undeclaredColumn = (kind: string, name: string): TomoflowError =>
  undeclared(kind, name === "id" ? "the row's id" : `the column ${name}`, `columns: [${name}]`);

function undeclared(kind: string, what: string, declaration: string): TomoflowError {
  return new TomoflowError(
    "undeclared-read",
    `the step kind ${kind} reads ${what}, which its ports do not declare`,
    {
      hint: `add it to what \`ports\` returns, as in ${declaration}: only what is declared runs the step again when it changes`,
    },
  );
}
