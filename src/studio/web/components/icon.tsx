/** Icons of 16 × 16, drawn as lines of 1.5 in the colour of the words beside them. */
const paths = {
  home: "M2.5 7.5 8 2.8l5.5 4.7M4 6.5v6.7h8V6.5M6.8 13.2V9.5h2.4v3.7",
  look: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  annotate: "M8 2v3M8 11v3M2 8h3M11 8h3M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  review: "M2 4h5M2 8h4M2 12h5M9 8.5l1.8 1.8L14 6.5",
  configure:
    "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM6 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  launch: "M4.5 2.8v10.4L13 8 4.5 2.8Z",
  step: "M2.5 5.5 8 2.5l5.5 3v5L8 13.5l-5.5-3v-5ZM2.5 5.5 8 8.5l5.5-3M8 8.5v5",
  folder: "M1.8 12.5v-9h4.4l1.6 2h6.4v7H1.8Z",
  file: "M4 1.8h5l3 3v9.4H4V1.8ZM9 1.8v3h3",
  volume: "M2.5 5 8 2l5.5 3v6L8 14l-5.5-3V5ZM2.5 5 8 8l5.5-3M8 8v6",
  list: "M5.5 4H14M5.5 8H14M5.5 12H14M2 4h.5M2 8h.5M2 12h.5",
  labels: "M2.5 2.5h5v5h-5zM8.5 8.5h5v5h-5zM8.5 2.5h5v5h-5z",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  check: "m3 8.5 3.2 3.2L13 4.8",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  back: "M13 8H3M7 4 3 8l4 4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3 14 14",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z",
  screen: "M2 3h12v8H2zM5.5 13.5h5",
  help: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM6.2 6.3c0-1 .8-1.8 1.8-1.8s1.8.8 1.8 1.7c0 1.3-1.8 1.5-1.8 2.8M8 11.3v.2",
  warning: "M8 2.2 14.5 13.5h-13L8 2.2ZM8 6.5v3.2M8 11.4v.2",
  error: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 4.8v4M8 11v.2",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  "eye-off":
    "M2 2l12 12M6.2 4c.6-.3 1.2-.5 1.8-.5C12 3.500 14.5 8 14.5 8s-.7 1.300-2 2.500M4.200 5C2.500 6.300 1.500 8 1.500 8S4 12.500 8 12.500c.9 0 1.700-.2 2.400-.5",
  contrast: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 1.800v12.400M8 5h4.500M8 8h6M8 11h4.500",
  picture: "M2 3h12v10H2zM2 11l3.500-3.500 3 3L11 8l3 3M10.800 6.200v.1",
  expand: "M9.500 2.500h4v4M6.500 13.500h-4v-4M13.500 2.500 9 7M2.500 13.500 7 9",
  layout: "M2 3h12v10H2zM8 3v10M8 8h6",
  target: "M8 14V2M2 8h12M8 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z",
  undo: "M5.500 3 2.500 6l3 3M2.500 6H9a4 4 0 0 1 0 8H6",
  redo: "M10.500 3l3 3-3 3M13.500 6H7a4 4 0 0 0 0 8h3",
  trash: "M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.6 9h6.800l.6-9",
  more: "M3.500 8h.1M8 8h.1M12.500 8h.1",
  stop: "M4 4h8v8H4z",
  refresh:
    "M13.500 3v3.500H10M2.500 13V9.500H6M13 6.500A5.300 5.300 0 0 0 3.600 5.200M3 9.500a5.300 5.300 0 0 0 9.400 1.300",
  link: "M6.500 9.500l3-3M7 4.500 8.800 2.700a2.600 2.600 0 0 1 3.700 3.700L10.800 8.200M9 11.500l-1.800 1.800a2.600 2.600 0 0 1-3.700-3.700L5.200 7.800",
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words; alone on a button, the button carries the name. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
