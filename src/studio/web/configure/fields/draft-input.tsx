import { type ComponentProps, useState } from "react";
import { TextInput } from "../../components/field.tsx";

interface DraftInputProps extends Omit<ComponentProps<typeof TextInput>, "value" | "onChange"> {
  readonly value: string;
  /** Each text on the way. */
  onText(text: string): void;
}

/** A line to type in that shows what is typed while it has the focus, and the value as it is written once it has not. */
export function DraftInput({ value, onText, onFocus, onBlur, ...rest }: DraftInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      {...rest}
      value={typed ?? value}
      onFocus={(event) => {
        setTyped(value);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setTyped(null);
        onBlur?.(event);
      }}
      onChange={(event) => {
        setTyped(event.target.value);
        onText(event.target.value);
      }}
    />
  );
}
