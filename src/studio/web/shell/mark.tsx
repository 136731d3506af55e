/** The mark of tomoflow: three slices of a tomogram, one after the other. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path d="M3 8.5 12 4l9 4.500-9 4.500-9-4.500Z" fill="currentColor" opacity="0.95" />
      <path
        d="m3 12.500 9 4.500 9-4.500"
        stroke="currentColor"
        strokeWidth="1.600"
        opacity="0.650"
        strokeLinejoin="round"
      />
      <path
        d="m3 16.300 9 4.500 9-4.500"
        stroke="currentColor"
        strokeWidth="1.600"
        opacity="0.350"
        strokeLinejoin="round"
      />
    </svg>
  );
}
