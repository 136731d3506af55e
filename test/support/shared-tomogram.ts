import type { TrainingTomogram } from "../../src/training/training-set.ts";

/** The tomogram's voxels in memory that threads share. */
export function shared(tomogram: TrainingTomogram): TrainingTomogram {
  const share = <T extends TrainingTomogram["density"]>(volume: T): T => {
    if (!("data" in volume)) return volume;
    const { data } = volume;
    const Voxels = data.constructor as Float32ArrayConstructor;
    const copy = new Voxels(new SharedArrayBuffer(data.byteLength));
    copy.set(data);
    return { ...volume, data: copy };
  };
  return { ...tomogram, density: share(tomogram.density), labels: share(tomogram.labels) };
}
