import type { ObjectList, TomogramObject } from "../object-list.ts";

/** A lowest value for every class alike, or by label; classes without one are not limited. */
export type PerClass = number | Readonly<Record<string, number>>;

/** The value for one class, or undefined when none is given. */
export const valueOfClass = (values: PerClass | undefined, label: number): number | undefined =>
  typeof values === "object" ? values[String(label)] : values;

/** What an object must have to be kept; what is not given is not asked. */
export interface ObjectCriteria {
  readonly labels?: readonly number[];
  readonly tomogramIndices?: readonly number[];
  readonly tomogramIds?: readonly string[];
  readonly objectIds?: readonly number[];
  /** Least cluster size, voxels. An object of unknown size is not kept where a least one is given. */
  readonly minSize?: PerClass;
  /** Greatest cluster size, voxels. */
  readonly maxSize?: PerClass;
  /** Least score, 0…1. An object of unknown score is not kept where a least one is given. */
  readonly minScore?: PerClass;
  /** Least margin to the next best class, 0…1. */
  readonly minMargin?: PerClass;
}

/** The objects that meet every criterion, in their order. */
export const filterObjects = (list: ObjectList, criteria: ObjectCriteria): ObjectList =>
  list.filter((object) => meets(object, criteria));

/** The objects that do not meet every criterion, in their order: what `filterObjects` leaves. */
export const removeObjects = (list: ObjectList, criteria: ObjectCriteria): ObjectList =>
  list.filter((object) => !meets(object, criteria));

const meets = (object: TomogramObject, criteria: ObjectCriteria): boolean =>
  isAmong(object.label, criteria.labels) &&
  isAmong(object.tomogramIndex, criteria.tomogramIndices) &&
  isAmong(object.tomogramId, criteria.tomogramIds) &&
  isAmong(object.objectId, criteria.objectIds) &&
  reaches(object.clusterSize, valueOfClass(criteria.minSize, object.label)) &&
  staysBelow(object.clusterSize, valueOfClass(criteria.maxSize, object.label)) &&
  reaches(object.score, valueOfClass(criteria.minScore, object.label)) &&
  reaches(object.margin, valueOfClass(criteria.minMargin, object.label));

const isAmong = <T>(value: T | undefined, wanted: readonly T[] | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

const reaches = (value: number | undefined, least: number | undefined): boolean =>
  least === undefined || (value !== undefined && value >= least);

const staysBelow = (value: number | undefined, greatest: number | undefined): boolean =>
  greatest === undefined || (value !== undefined && value <= greatest);
