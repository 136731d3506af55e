import { useMemo, useState } from "react";
import type { FolderEntry, KindForm } from "../../protocol/forms.ts";
import type { StepMistake } from "../../protocol/one-step.ts";
import { IconButton } from "../components/button.tsx";
import { Select } from "../components/field.tsx";
import { DraftInput } from "../configure/fields/draft-input.tsx";
import { FieldRow } from "../configure/fields/field-row.tsx";
import { Group } from "../configure/fields/group.tsx";
import { ParameterForm } from "../configure/fields/parameter-form.tsx";
import { SurroundingsContext } from "../configure/fields/surroundings.ts";
import { FileDialog, type FileWish } from "../configure/files/file-dialog.tsx";
import { asData } from "../configure/outline.ts";
import { Section } from "../configure/sections/section.tsx";
import styles from "./one-step-screen.module.css";
import { StepClasses } from "./step-classes.tsx";
import { StepFiles } from "./step-files.tsx";
import { changeParameter, fitToKind, mistakesAt, mistakesElsewhere } from "./step-request.ts";
import { putRequest, requestOf, useStep } from "./step-store.ts";

const wordsOf = ({ message, hint }: StepMistake): string => (hint ? `${message} (${hint})` : message);

/** The form of a step that runs alone: files, classes, parameters, where the results go. */
export function StepForm({ kind }: { readonly kind: KindForm }) {
  const request = useStep((state) => fitted(state.requests, kind));
  const mistakes = useStep((state) => state.mistakes);
  const [wish, setWish] = useState<(FileWish & { chosen(path: string): void }) | null>(null);
  const surroundings = useMemo(
    () => ({
      classes: Object.entries(request.classes).map(([label, fields]) => {
        const { name, color } = asData(fields);
        return { label, name: String(name ?? `class ${label}`), ...(typeof color === "string" && { color }) };
      }),
      expressions: [],
      choose: (wanted: FileWish, chosen: (path: string) => void) => setWish({ ...wanted, chosen }),
    }),
    [request.classes],
  );
  return (
    <SurroundingsContext value={surroundings}>
      <section className={styles.form} aria-label={`Form of ${kind.label}`}>
        <Section title={kind.label} about={kind.summary} mistakes={mistakesElsewhere(mistakes)}>
          <StepFiles kind={kind} request={request} mistakes={mistakes} />
          {kind.classFields.length > 0 && (
            <StepClasses kind={kind} request={request} mistakes={mistakesAt(mistakes, "classes")} />
          )}
          <ParameterForm
            groups={kind.groups}
            values={request.parameters}
            mistakesOf={(name) => ({
              errors: mistakesAt(mistakes, "parameters", name).map(wordsOf),
              warnings: [],
            })}
            onChange={(name, value) => putRequest(changeParameter(request, name, value))}
          />
          <Group title="Results">
            <FieldRow
              id="step-folder"
              field={{
                name: "folder",
                label: "Folder",
                description: `Gets ${kind.outputs.map(({ file }) => file).join(", ") || "what the step writes"}. Files of that name are replaced.`,
                required: false,
              }}
              isWritten={false}
              mistakes={mistakesAt(mistakes, "folder").map(wordsOf)}
            >
              <DraftInput
                id="step-folder"
                value={request.folder}
                placeholder="the project's folder"
                onText={(folder) => putRequest({ ...request, folder })}
              />
              <IconButton
                icon="folder"
                look="plain"
                label="Choose the folder for the results"
                onClick={() =>
                  surroundings.choose({ title: "Results go to", kinds: [], folder: true }, (folder) =>
                    putRequest({ ...request, folder }),
                  )
                }
              />
            </FieldRow>
            {kind.usesEngine && (
              <Engine value={request.engine} onChange={(engine) => putRequest({ ...request, engine })} />
            )}
          </Group>
        </Section>
      </section>
      <FileDialog
        wish={wish}
        onChoose={([entry]: readonly FolderEntry[]) => entry && wish?.chosen(entry.path)}
        onClose={() => setWish(null)}
      />
    </SurroundingsContext>
  );
}

/** The same object while nothing changes, as a store's selector must give. */
const fits = new WeakMap<object, ReturnType<typeof fitToKind>>();

function fitted(requests: Parameters<typeof requestOf>[0]["requests"], kind: KindForm) {
  const request = requests[kind.uses] ?? emptyFor(kind.uses);
  const known = fits.get(request);
  if (known) return known;
  const fit = fitToKind(request, kind);
  fits.set(request, fit);
  return fit;
}

const empties = new Map<string, ReturnType<typeof requestOf>>();

function emptyFor(uses: string) {
  const known = empties.get(uses) ?? requestOf({ requests: {} }, uses);
  empties.set(uses, known);
  return known;
}

const engines = ["auto", "onnx", "webgpu", "tensorflow"];

function Engine({ value, onChange }: { readonly value: string; onChange(engine: string): void }) {
  return (
    <FieldRow
      id="step-engine"
      field={{
        name: "engine",
        label: "Engine",
        description: "What computes the network; auto takes the fastest that works here.",
        required: false,
      }}
      isWritten={false}
      mistakes={[]}
    >
      <Select id="step-engine" value={value} onChange={({ target }) => onChange(target.value)}>
        {engines.map((engine) => (
          <option key={engine}>{engine}</option>
        ))}
      </Select>
    </FieldRow>
  );
}
