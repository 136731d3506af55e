/**
 * A form of one step's parameters, drawn by rjsf from the fields that the server makes of the kind's JSON Schema. rjsf arranges and
 * names; what is right is said by the server alone, in the words of `validate`, so no validator runs in the browser.
 */
import Form from "@rjsf/core";
import type {
  ErrorSchema,
  FieldProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  RJSFSchema,
  UiSchema,
  ValidatorType,
} from "@rjsf/utils";
import { useMemo } from "react";
import type { FieldForm, FieldGroup } from "../../../protocol/forms.ts";
import type { FieldMistakes } from "../mistakes.ts";
import { ValueControl } from "./controls.tsx";
import { FieldRow } from "./field-row.tsx";
import styles from "./group.module.css";
import { Group } from "./group.tsx";

interface ParameterFormProps {
  readonly groups: readonly FieldGroup[];
  /** By field name. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly mistakesOf: (name: string) => FieldMistakes;
  readonly disabled?: boolean;
  /** Undefined: the value is left out. */
  onChange(name: string, value: unknown): void;
}

export function ParameterForm({ groups, values, mistakesOf, disabled, onChange }: ParameterFormProps) {
  const schema = useMemo(() => schemaOf(groups), [groups]);
  const uiSchema = useMemo(() => uiSchemaOf(groups), [groups]);
  const names = groups.flatMap(({ fields }) => fields.map(({ name }) => name));
  const known = Object.fromEntries(names.map((name) => [keyOf(name), values[name]]));
  return (
    <Form
      schema={schema}
      uiSchema={uiSchema}
      formData={known}
      formContext={{ groups, mistakesOf, onChange } satisfies Context}
      extraErrors={errorsOf(names, mistakesOf)}
      validator={noValidator}
      fields={fields}
      templates={templates}
      tagName="div"
      disabled={disabled}
      showErrorList={false}
      noHtml5Validate
      experimental_defaultFormStateBehavior={{ emptyObjectFields: "skipDefaults" }}
      onChange={({ formData }) => {
        for (const name of names)
          if (formData?.[keyOf(name)] !== known[keyOf(name)]) onChange(name, formData?.[keyOf(name)]);
      }}
    >
      {/* no button to submit: every change is written at once */}
      {null}
      <span hidden />
    </Form>
  );
}

interface Context {
  readonly groups: readonly FieldGroup[];
  readonly mistakesOf: (name: string) => FieldMistakes;
  readonly onChange: (name: string, value: unknown) => void;
}

/** rjsf takes dots for steps of a path. */
const keyOf = (name: string): string => name.replaceAll(".", "/");

const schemaOf = (groups: readonly FieldGroup[]): RJSFSchema => ({
  type: "object",
  properties: Object.fromEntries(
    groups.flatMap(({ fields: all }) =>
      all.map(({ name, label, description }) => [keyOf(name), { title: label, description }]),
    ),
  ),
});

const uiSchemaOf = (groups: readonly FieldGroup[]): UiSchema =>
  Object.fromEntries(
    groups.flatMap(({ fields: all }) =>
      all.map((field) => [keyOf(field.name), { "ui:field": "value", "ui:options": { form: field } }]),
    ),
  );

const errorsOf = (names: readonly string[], mistakesOf: Context["mistakesOf"]): ErrorSchema =>
  Object.fromEntries(
    names.flatMap((name) => {
      const { errors } = mistakesOf(name);
      return errors.length > 0 ? [[keyOf(name), { __errors: [...errors] }]] : [];
    }),
  ) as ErrorSchema;

const fieldIn = (uiSchema: UiSchema | undefined): FieldForm | undefined =>
  (uiSchema?.["ui:options"] as { form?: FieldForm } | undefined)?.form;

function ValueField({ uiSchema, formData, rawErrors, onChange, fieldPathId }: FieldProps) {
  const field = fieldIn(uiSchema)!;
  const id = fieldPathId.$id;
  const isWrong = rawErrors !== undefined && rawErrors.length > 0;
  return (
    <ValueControl
      field={field}
      value={formData}
      ids={{
        id,
        "aria-describedby": isWrong ? `${id}-help ${id}-mistake` : `${id}-help`,
        ...(isWrong && { "aria-invalid": true }),
      }}
      onChange={(value) => onChange(value, fieldPathId.path)}
    />
  );
}

function RowTemplate({ id, uiSchema, children, rawErrors = [], registry, formData }: FieldTemplateProps) {
  const field = fieldIn(uiSchema);
  // the form itself
  if (field === undefined) return children;
  const { mistakesOf, onChange } = registry.formContext as Context;
  return (
    <FieldRow
      field={field}
      id={id}
      isWritten={formData !== undefined}
      mistakes={[...new Set(rawErrors)]}
      warnings={mistakesOf(field.name).warnings}
      onReset={() => onChange(field.name, undefined)}
    >
      {children}
    </FieldRow>
  );
}

function GroupsTemplate({ properties, registry, formData }: ObjectFieldTemplateProps) {
  const { groups, mistakesOf } = registry.formContext as Context;
  return (
    <div className={styles.groups}>
      {groups.map(({ title, fields: inside, isRare }) => {
        const names = inside.map(({ name }) => name);
        const isOpen = names.some(
          (name) => formData?.[keyOf(name)] !== undefined || mistakesOf(name).errors.length > 0,
        );
        return (
          <Group key={title} title={title} startsOpen={!isRare || isOpen} count={names.length}>
            {properties.filter(({ name }) => names.map(keyOf).includes(name)).map(({ content }) => content)}
          </Group>
        );
      })}
    </div>
  );
}

const fields = { value: ValueField };
const templates = { FieldTemplate: RowTemplate, ObjectFieldTemplate: GroupsTemplate };

/** Everything fits: see above. */
const noValidator: ValidatorType = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: () => true,
  rawValidation: () => ({}),
};
