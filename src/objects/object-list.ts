/**
 * A macromolecule in a tomogram. Coordinates are voxels of the volume's own sampling, 0 = centre of the first voxel.
 * Euler angles phi, psi, the in degrees, PyTom/TOM convention: R = Rz(psi)·Rx(the)·Rz(phi) on column vectors (x, y, z).
 */
export interface TomogramObject {
  /** Class label 1…N. */
  readonly label: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly tomogramIndex?: number;
  readonly tomogramId?: string;
  readonly objectId?: number;
  readonly phi?: number;
  readonly psi?: number;
  readonly the?: number;
  /** Number of voxels in the cluster. */
  readonly clusterSize?: number;
  /** Mean probability of the class in the cluster, 0…1. */
  readonly score?: number;
  /** Mean difference to the next best class, 0…1. */
  readonly margin?: number;
  /** Columns or attributes we do not know; they survive a round trip. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Objects of one tomogram or of several, in the order of their file. */
export type ObjectList = readonly TomogramObject[];

/** True when all three Euler angles are known. */
export const hasAngles = (
  object: TomogramObject,
): object is TomogramObject & { phi: number; psi: number; the: number } =>
  object.phi !== undefined && object.psi !== undefined && object.the !== undefined;
