/** Label of the largest of (class, voxel) probabilities, each multiplied by exp(bias); the lowest on ties. */
export function largestClass(scores: Float32Array, voxels: number, bias?: readonly number[]): Uint8Array {
  const labels = new Uint8Array(voxels);
  const largest = new Float32Array(voxels).fill(Number.NEGATIVE_INFINITY);
  for (let label = 0; label * voxels < scores.length; label++) {
    const factor = Math.exp(bias?.[label] ?? 0);
    const start = label * voxels;
    for (let i = 0; i < voxels; i++) {
      const value = Math.fround(scores[start + i]! * factor);
      if (value > largest[i]!) {
        largest[i] = value;
        labels[i] = label;
      }
    }
  }
  return labels;
}
