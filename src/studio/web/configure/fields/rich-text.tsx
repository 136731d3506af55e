/** A text in which `code` is set as code; everything else is shown as it is. */
export function RichText({ text }: { readonly text: string }) {
  return text.split(/`([^`]+)`/).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their places
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
}
