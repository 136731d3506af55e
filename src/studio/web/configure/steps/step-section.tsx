import type { FieldForm, FieldGroup } from "../../../protocol/forms.ts";
import { IconButton } from "../../components/button.tsx";
import { Switch } from "../../components/field.tsx";
import { Badge } from "../../components/notice.tsx";
import { edit, kindOf, useConfigure } from "../configure-store.ts";
import { ParameterForm } from "../fields/parameter-form.tsx";
import { RichText } from "../fields/rich-text.tsx";
import { mistakesAt } from "../mistakes.ts";
import { asData, type StepOutline, stepsOf } from "../outline.ts";
import { fieldMistakes, operationFor, valuesOf } from "../sections/field-values.ts";
import { Section } from "../sections/section.tsx";
import { StepName } from "./step-name.tsx";
import styles from "./step-section.module.css";
import { Inputs, Wiring } from "./wiring.tsx";

interface StepSectionProps {
  readonly id: string;
  /** The step has another name, or is gone (null). */
  onGone(id: string | null): void;
}

/** One step as a form: its rows, inputs, parameters, and what it needs of the machine. */
export function StepSection({ id, onGone }: StepSectionProps) {
  const { data, check, forms } = useConfigure();
  const step = stepsOf(data).find((each) => each.id === id);
  const kind = kindOf(forms, step?.uses ?? "");
  if (!step) return null;
  const path = ["steps", id];
  const mistakes = mistakesAt(check?.mistakes ?? [], path);
  const shownBeside = new Set([
    "from",
    "where",
    ...(kind?.inputs ?? []).map(({ name }) => `with.${name}`),
    ...fieldNames(kind?.groups ?? []),
    ...stepFieldNames(forms?.stepFields ?? []),
  ]);
  const others = mistakes.filter(({ path: at }) => !isShown(at!.slice(2), shownBeside));
  const fault = forms?.faults[step.uses];
  return (
    <Section
      title={<StepName id={id} taken={stepsOf(data).map((each) => each.id)} onRename={onGone} />}
      about={kind && <RichText text={kind.summary} />}
      mistakes={others}
      actions={
        <>
          <Switch
            label="On"
            on={step.enabled}
            onChange={(on) =>
              edit([
                on
                  ? { type: "remove", path: [...path, "enabled"] }
                  : { type: "set", path: [...path, "enabled"], value: false },
              ])
            }
          />
          <IconButton
            icon="trash"
            label={`Take the step ${id} out`}
            onClick={() => {
              edit([{ type: "remove", path }]);
              onGone(null);
            }}
          />
        </>
      }
    >
      <div className={styles.facts}>
        <Badge kind="accent">{step.uses || "no kind"}</Badge>
        <span>{kind?.scope === "table" ? "one task over all rows" : "one task a tomogram"}</span>
        {kind && kind.outputs.length > 0 && (
          <span title={kind.outputs.map(({ label, description }) => `${label}: ${description}`).join("\n")}>
            gives {kind.outputs.map(({ name }) => name).join(", ")}
          </span>
        )}
        {fault && <span className={styles.fault}>{fault}</span>}
      </div>
      <Wiring step={step} />
      <Inputs step={step} />
      {kind && <Parameters step={step} groups={kind.groups} />}
      <Surroundings step={step} usesEngine={kind?.usesEngine !== false} />
    </Section>
  );
}

const fieldNames = (groups: readonly FieldGroup[]): readonly string[] =>
  groups.flatMap(({ fields }) => fields.map(({ name }) => `with.${name}`));

const stepFieldNames = (fields: readonly FieldForm[]): readonly string[] => fields.map(({ name }) => name);

/** Whether a field on the page shows what is wrong at this place of the step. */
const isShown = (at: readonly (string | number)[], shown: ReadonlySet<string>): boolean =>
  shown.has(at.slice(0, 1).join(".")) || shown.has(at.slice(0, 2).join("."));

function Parameters({
  step,
  groups,
}: {
  readonly step: StepOutline;
  readonly groups: readonly FieldGroup[];
}) {
  const { data, check, isBroken } = useConfigure();
  const path = ["steps", step.id, "with"];
  const written = asData(asData(asData(asData(data).steps)[step.id]).with);
  return (
    <ParameterForm
      key={step.id}
      groups={groups}
      values={written}
      disabled={isBroken}
      mistakesOf={fieldMistakes(check?.mistakes ?? [], path)}
      onChange={(name, value) =>
        edit(
          value !== undefined
            ? [{ type: "set", path: [...path, name], value }]
            : written[name] === undefined
              ? []
              : [{ type: "remove", path: [...path, name] }],
          `${step.id} ${name}`,
        )
      }
    />
  );
}

/** Results folder, resources, retries: seldom changed. */
function Surroundings({ step, usesEngine }: { readonly step: StepOutline; readonly usesEngine: boolean }) {
  const { data, check, forms, isBroken } = useConfigure();
  const path = ["steps", step.id];
  const fields = (forms?.stepFields ?? []).filter(
    ({ name }) => name !== "enabled" && (usesEngine || name !== "engine"),
  );
  const written = asData(asData(asData(data).steps)[step.id]);
  return (
    <ParameterForm
      key={`${step.id} more`}
      groups={[{ title: "Results and resources", fields, isRare: true }]}
      values={valuesOf(written, fields)}
      disabled={isBroken}
      mistakesOf={fieldMistakes(check?.mistakes ?? [], path)}
      onChange={(name, value) => edit(operationFor(written, path, { name, value }), `${step.id} ${name}`)}
    />
  );
}
