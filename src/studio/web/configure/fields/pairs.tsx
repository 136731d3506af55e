import { Button, IconButton } from "../../components/button.tsx";
import { asData } from "../outline.ts";
import styles from "./controls.module.css";
import type { ControlProps } from "./controls.tsx";
import { DraftInput } from "./draft-input.tsx";
import { numberOrText, textOfValue } from "./value-text.ts";

/** Names with a text each, as the outputs and variables of a command. */
export function Pairs({ field, value, ids, onChange }: ControlProps) {
  const pairs = Object.entries(asData(value));
  const put = (next: readonly (readonly [string, unknown])[]): void =>
    onChange(next.length > 0 ? Object.fromEntries(next) : undefined);
  return (
    <fieldset className={styles.byLabel} id={ids.id} aria-label={field.label}>
      {pairs.map(([name, inner], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name changes while it is typed
        <div className={styles.pair} key={index}>
          <DraftInput
            aria-label={`Name ${index + 1}`}
            value={name}
            onText={(text) => put(pairs.map((pair, at) => (at === index ? [text, pair[1]] : pair)))}
          />
          <DraftInput
            aria-label={`Value of ${name}`}
            value={textOfValue(inner)}
            onText={(text) =>
              put(
                pairs.map((pair, at) =>
                  at === index ? [pair[0], field.name === "environment" ? numberOrText(text) : text] : pair,
                ),
              )
            }
          />
          <IconButton
            icon="close"
            size="small"
            label={`Take out ${name}`}
            onClick={() => put(pairs.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <Button
        size="small"
        look="quiet"
        icon="plus"
        onClick={() => put([...pairs, [freeName(pairs.map(([name]) => name)), ""]])}
      >
        Add
      </Button>
    </fieldset>
  );
}

function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) if (!taken.includes(`name${number}`)) return `name${number}`;
}
