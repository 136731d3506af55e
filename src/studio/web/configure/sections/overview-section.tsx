import type { FieldGroup } from "../../../protocol/forms.ts";
import { edit, useConfigure } from "../configure-store.ts";
import { ParameterForm } from "../fields/parameter-form.tsx";
import { RichText } from "../fields/rich-text.tsx";
import { mistakesElsewhere } from "../mistakes.ts";
import { asData } from "../outline.ts";
import { fieldMistakes, operationFor, valuesOf } from "./field-values.ts";
import { Section } from "./section.tsx";

/** Name, description, and what holds for all steps. */
export function OverviewSection() {
  const { data, check, forms, isBroken } = useConfigure();
  const fields = forms?.workflowFields ?? [];
  const named = (...names: string[]) => fields.filter(({ name }) => names.includes(name));
  const groups: readonly FieldGroup[] = [
    { title: "Experiment", fields: named("name", "description") },
    { title: "Running", fields: named("engine", "executor", "cache.link"), isRare: true },
  ];
  return (
    <Section
      title="Overview"
      about={
        <RichText text="A workflow names tomograms, classes and the steps that find the classes in the tomograms. `tomoflow run` does only what is not up to date." />
      }
      mistakes={mistakesElsewhere(check?.mistakes ?? [])}
    >
      {forms && (
        <ParameterForm
          groups={groups}
          values={valuesOf(asData(data), fields)}
          disabled={isBroken}
          mistakesOf={fieldMistakes(check?.mistakes ?? [], [])}
          onChange={(name, value) => edit(operationFor(asData(data), [], { name, value }), name)}
        />
      )}
    </Section>
  );
}
