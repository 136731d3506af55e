import { useStore } from "zustand";
import { Choice } from "../../components/field.tsx";
import type { Layout, ViewerStore } from "../viewer-store.ts";

const options: readonly { readonly value: Layout; readonly label: string; readonly title: string }[] = [
  { value: "all", label: "All", title: "Three planes and 3-D" },
  { value: "planes", label: "Planes", title: "Three planes, XY large" },
  { value: "xy", label: "XY", title: "XY alone" },
  { value: "xz", label: "XZ", title: "XZ alone" },
  { value: "yz", label: "YZ", title: "YZ alone" },
  { value: "space", label: "3-D", title: "3-D alone" },
];

/** Which panes the viewer has; space goes through them. */
export function LayoutChoice({ store }: { readonly store: ViewerStore }) {
  const layout = useStore(store, (state) => state.layout);
  return (
    <Choice
      label="Layout"
      value={layout}
      options={options}
      onChange={(next) => store.setState({ layout: next })}
    />
  );
}
