/** What of an IMOD model makes objects: its objects with contours of points and their sizes. */
export interface ImodPoint {
  /** Model coordinates. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Radius in pixels, where it is not that of the whole object. */
  readonly size?: number;
}

export interface ImodObject {
  readonly name: string;
  /** Radius in pixels of all its points; 0 for none. */
  readonly pointSize: number;
  readonly contours: readonly (readonly ImodPoint[])[];
}

export interface ImodModel {
  readonly objects: readonly ImodObject[];
  /** (x, y, z): added to a model's coordinate it is the pixel coordinate of the image. */
  readonly shift: readonly [number, number, number];
}
