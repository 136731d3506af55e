import { type ReactNode, useState } from "react";
import type { WriteAnswer, WriteRequest } from "../../protocol/list-tools.ts";
import type { ListKey } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, Select, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { toast } from "../components/toast.tsx";
import { mistakesOf, request, type ServerMistake } from "../connection/request.ts";
import styles from "./class-panel.module.css";

interface SaveAsProps {
  readonly open: boolean;
  readonly title: string;
  readonly list: ListKey;
  /** Proposed path. */
  readonly start: string;
  /** What is kept; all when not given. */
  readonly keeping?: Pick<WriteRequest, "keep" | "least" | "rankBy">;
  /** What will be in the file, in words. */
  readonly about: ReactNode;
  onClose(): void;
  onWritten?(path: string, answer: WriteAnswer): void;
}

const endings = [
  [".xml", "DeepFinder XML"],
  [".xlsx", "Excel workbook"],
  [".csv", "comma separated text"],
  [".tsv", "tab separated text"],
] as const;

/** Writes the list into another file, in the format of its ending. */
export function SaveAsDialog({ open, title, list, start, keeping, about, onClose, onWritten }: SaveAsProps) {
  const [path, setPath] = useState(start);
  const [mistakes, tell] = useState<readonly ServerMistake[]>([]);
  const exists = mistakes.some(({ code }) => code === "file-exists");
  const ending = endings.find(([one]) => path.toLowerCase().endsWith(one))?.[0] ?? "";
  const write = async (): Promise<void> => {
    try {
      const body = { ...list, to: path.trim(), keep: "all", ...keeping, overwrite: exists };
      const answer = await request<WriteAnswer>("/api/lists/write", { body });
      toast({ kind: "good", message: `${answer.written} objects are in ${path.trim()}` });
      for (const message of answer.warnings) toast({ kind: "plain", message });
      tell([]);
      if (onWritten) onWritten(path.trim(), answer);
      else onClose();
    } catch (thrown) {
      tell(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title={title}
      open={open}
      width="narrow"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={exists ? "danger" : "primary"}
            disabled={path.trim() === ""}
            onClick={() => void write()}
          >
            {exists ? "Replace the file" : "Write"}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!exists) void write();
        }}
      >
        <div>{about}</div>
        <Field label="File" help="From the project's folder; its ending says the format.">
          {(ids) => (
            <TextInput
              {...ids}
              autoFocus
              value={path}
              onChange={(event) => {
                setPath(event.target.value);
                tell([]);
              }}
            />
          )}
        </Field>
        <Field label="Format">
          {(ids) => (
            <Select
              {...ids}
              value={ending}
              onChange={(event) => setPath(path.replace(/\.[A-Za-z0-9]+$/, "") + event.target.value)}
            >
              {ending === "" && <option value="">unknown</option>}
              {endings.map(([one, words]) => (
                <option key={one} value={one}>
                  {words} ({one})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Mistakes mistakes={mistakes} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
