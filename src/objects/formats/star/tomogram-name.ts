/** What programs call a tomogram, brought to what a row of a workflow is called. */

/**
 * `tomograms/TS_1.mrc`, `TS_1.tomostar`, `TS_1.mrc.tomostar`, `01006_10.73Apx.mrc` → `TS_1`, `TS_1`, `TS_1`, `01006`: without folders, endings of
 * files and the pixel size that Warp adds.
 */
export function baseOfTomogramName(name: string): string {
  const file = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return file
    .replace(/(?:\.(?:tomostar|mrcs?|rec|map|st|ali|hdf|h5|zarr|em))+$/i, "")
    .replace(/_\d+(?:\.\d+)?Apx$/, "");
}
