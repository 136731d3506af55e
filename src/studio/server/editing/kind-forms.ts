/** Step kinds as forms: their schema said in labels, controls, units, defaults and words. */
import { describeSchema } from "../../../schema/shape/schema-words.ts";
import type {
  InputPort,
  OutputPort,
  ParameterSchema,
  StepDescription,
} from "../../../schema/step-description.ts";
import { portsOrNothing, possibleInputs, withDefaults } from "../../../schema/values/input-ports.ts";
import { type FieldForm, type FieldGroup, type KindForm, labelOf } from "../../protocol/forms.ts";
import { controlOf, showDefault, wordsInstead } from "./controls.ts";
import { groupsOfFields } from "./field-groups.ts";

/** Everything that a form of a step of this kind shows. */
export function formOfKind(kind: StepDescription): KindForm {
  const { ports: inputs, open } = possibleInputs(kind);
  const ports = portsOrNothing(kind, withDefaults(kind, {}));
  return {
    uses: kind.name,
    label: labelOf(kind.name.replace(/^.*\//, "").replace(/\.[^.]+$/, "")),
    summary: kind.summary,
    scope: kind.scope,
    usesEngine: kind.usesEngine === true,
    isOwn: /^\.{0,2}\//.test(kind.name),
    groups: groupsOf(kind),
    inputs: inputs.map(portForm),
    outputs: possibleOutputs(kind).map(({ name, file, description }) => ({
      name,
      label: labelOf(name),
      description,
      file,
    })),
    isOpen: open,
    columns: ports?.columns ?? [],
    classFields: possibleClassFields(kind),
  };
}

const portForm = ({ name, description, required }: InputPort) => ({
  name,
  label: labelOf(name),
  description,
  required,
});

/** The outputs with default parameters, and those that switching a boolean on adds. */
export function possibleOutputs(kind: StepDescription): readonly OutputPort[] {
  const defaults = withDefaults(kind, {});
  const switches = Object.entries(kind.parameters.properties)
    .filter(([, schema]) => schema.type === "boolean")
    .map(([name]) => ({ ...defaults, [name]: true }));
  const outputs = new Map<string, OutputPort>();
  for (const parameters of [defaults, ...switches])
    for (const port of portsOrNothing(kind, parameters)?.outputs ?? []) outputs.set(port.name, port);
  return [...outputs.values()];
}

function possibleClassFields(kind: StepDescription): readonly string[] {
  const defaults = withDefaults(kind, {});
  const choices = Object.entries(kind.parameters.properties).flatMap(([name, { enum: values }]) =>
    Array.isArray(values) ? values.map((value) => ({ ...defaults, [name]: value })) : [],
  );
  const fields = [defaults, ...choices].flatMap((each) => portsOrNothing(kind, each)?.classFields ?? []);
  return [...new Set(fields)];
}

function groupsOf({ name, parameters }: StepDescription): readonly FieldGroup[] {
  const fields = Object.entries(parameters.properties).map(([field, schema]) =>
    formOfField(field, schema, parameters.required?.includes(field) === true),
  );
  return groupsOfFields(name, fields);
}

/** A field of any schema: of a step kind, of a step, of the workflow. */
export function formOfField(name: string, schema: ParameterSchema, required: boolean): FieldForm {
  const unit = schema["x-unit"];
  const shown = showDefault(schema.default);
  const suggestions = wordsInstead(schema);
  return {
    name,
    label: labelOf(name),
    description: schema.description ?? "",
    ...(unit !== undefined && { unit }),
    ...(shown !== undefined && { default: shown }),
    allowed: describeSchema(schema),
    required,
    control: controlOf(name, schema),
    ...(suggestions.length > 0 && { suggestions }),
  };
}
