/** All that forms of a workflow need to know, for the kinds that its text names. */
import { stepFieldSchemas, workflowFieldSchemas } from "../../../schema/shape/field-schemas.ts";
import type { ParameterSchema } from "../../../schema/step-description.ts";
import { kindsInUse } from "../../../session/kinds-in-use.ts";
import type { FormsAnswer } from "../../protocol/forms.ts";
import { formOfField, formOfKind } from "./kind-forms.ts";

export interface FormsRequest {
  /** Modules of the user's own kinds, as `uses` names them. */
  readonly uses: readonly string[];
  /** Absolute: where they start. */
  readonly folder: string;
  readonly catalogPath?: string;
}

/** Given by wiring and parameters, not by a field. */
const notFields: ReadonlySet<string> = new Set(["from", "where", "version", "params", "variants"]);

export async function answerForms({ uses, folder, catalogPath }: FormsRequest): Promise<FormsAnswer> {
  const { kinds, faults } = await kindsInUse(uses, {
    folder,
    ...(catalogPath !== undefined && { catalogPath }),
  });
  return {
    kinds: [...kinds.values()].map(formOfKind),
    stepFields: fieldsOf(stepFieldSchemas),
    workflowFields: fieldsOf(workflowFieldSchemas),
    faults: Object.fromEntries(faults),
  };
}

/** A map of fields (`resources`) gives one field each, named `resources.cpus`. */
const fieldsOf = (schemas: Readonly<Record<string, unknown>>): FormsAnswer["stepFields"] =>
  Object.entries(schemas)
    .filter(([name]) => !notFields.has(name))
    .flatMap(([name, value]) => {
      const schema = value as ParameterSchema & { readonly properties?: Record<string, ParameterSchema> };
      if (!schema.properties) return [formOfField(name, schema, false)];
      return Object.entries(schema.properties).map(([inner, field]) => ({
        ...formOfField(inner, field, false),
        name: `${name}.${inner}`,
      }));
    });
