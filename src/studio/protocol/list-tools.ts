/** What the browser asks of the server about lists besides editing them: pictures, snapping, scores, classes. */
import type { ListKey, ObjectId, Point } from "./lists.ts";

/** `POST /api/lists/gallery`: square slices around places, in one answer of bytes. */
export interface GalleryRequest {
  /** Path of the tomogram. */
  readonly tomogram: string;
  readonly points: readonly Point[];
  /** Side of each picture, voxels; even. */
  readonly side: number;
  /** Slices that are averaged. */
  readonly slices: number;
  readonly plane: "xy" | "xz" | "yz";
  /** Values shown black and white; by the central slices when not given. */
  readonly range?: readonly [black: number, white: number];
}

/** Most places of one request. */
export const mostPictures = 256;
export const largestSide = 128;
export const mostSlices = 32;

/** `POST /api/lists/snap` */
export interface SnapRequest {
  readonly tomogram: string;
  readonly points: readonly Point[];
  /** Voxels around a place that are looked at. */
  readonly radius: number;
  readonly to: "minimum" | "maximum";
}

export interface SnapAnswer {
  readonly points: readonly Point[];
}

/** Precision, recall and F1 are null where there is nothing to score. */
export interface ListScores {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

export interface CurveStep extends ListScores {
  /** Detections of this value and above are kept. */
  readonly threshold: number;
}

/** `POST /api/lists/compare`: a list that is open against a true one. */
export interface CompareRequest extends ListKey {
  readonly truth: string;
  /** Of the tomogram, for lists of several. */
  readonly tomogramId?: string;
  readonly tomogramIndex?: number;
  /** Voxels, for every class alike; else by label. */
  readonly distance?: number;
  readonly radii?: Readonly<Record<string, number>>;
  readonly rankBy: "score" | "size";
}

export interface Comparison {
  readonly matches: readonly {
    readonly id: ObjectId;
    /** Index in `truth`. */
    readonly truth: number;
    /** Voxels. */
    readonly distance: number;
  }[];
  /** Detections without a true object; of which class the object at their place is, if there is one. */
  readonly spurious: readonly { readonly id: ObjectId; readonly confusedWith?: number }[];
  /** Indices of true objects that were not found. */
  readonly missed: readonly number[];
  readonly truth: readonly (Point & { readonly label: number })[];
  readonly overall: ListScores;
  readonly classes: readonly (ListScores & { readonly label: number })[];
  /** None where the detections have no score, or size. */
  readonly curves: readonly { readonly label: number; readonly steps: readonly CurveStep[] }[];
}

/** `POST /api/lists/write`: a copy, or the corrected list of a review. */
export interface WriteRequest extends ListKey {
  readonly to: string;
  /** `all`; or without those rejected; or those accepted alone. */
  readonly keep: "all" | "not-rejected" | "accepted";
  /** By label: less is left out, where `keep` does not accept it. */
  readonly least?: Readonly<Record<string, number>>;
  readonly rankBy?: "score" | "size";
  /** A file that is there is replaced only when this is said. */
  readonly overwrite?: boolean;
}

export interface WriteAnswer {
  readonly written: number;
  readonly leftOut: number;
  readonly warnings: readonly string[];
}

/** A class as the studio makes and shows it. */
export interface ListClass {
  readonly label: number;
  readonly name: string;
  /** `#rrggbb`, undefined: one of the studio's own. */
  readonly color?: string;
  /** Voxels. */
  readonly radius?: number;
}

/** `GET /api/lists/classes?workflow=` */
export interface ClassesAnswer {
  /** Path of the workflow that holds them; undefined: kept by the studio until there is one. */
  readonly workflow?: string;
  readonly classes: readonly ListClass[];
}

/** `PUT /api/lists/classes`: one class is made or changed. */
export interface ClassRequest {
  readonly workflow?: string;
  readonly change: ListClass;
}

/** `POST /api/lists/use-for-training`: the list becomes the objects of a tomogram of the workflow. */
export interface TrainingRequest {
  readonly workflow: string;
  readonly tomogram: string;
  readonly list: string;
  readonly split: "train" | "valid";
}

/** `POST /api/lists/begin-workflow`: a new workflow from a template, with this tomogram and list as its first row. */
export interface BeginRequest extends TrainingRequest {
  readonly template: string;
}

export interface TrainingAnswer {
  /** Id of the row. */
  readonly row: string;
  readonly isNew: boolean;
}
