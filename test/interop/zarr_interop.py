"""The other side of zarr.interop.ts: zarr_interop.py describe FOLDER...   prints, as JSON, what zarr and ome-zarr-models read there."""
import hashlib
import json
import sys

import numpy as np
import zarr
from ome_zarr_models import open_ome_zarr


def describe(path):
    group = zarr.open_group(path, mode="r")
    model = open_ome_zarr(group)
    attributes = group.attrs.asdict()
    multiscale = attributes.get("ome", attributes)["multiscales"][0]
    levels = []
    for dataset in multiscale["datasets"]:
        array = group[dataset["path"]]
        voxels = np.ascontiguousarray(array[:], "<f8")
        levels.append({
            "shape": list(array.shape),
            "type": array.dtype.name,
            "sha256": hashlib.sha256(voxels.tobytes()).hexdigest(),
            "scale": dataset["coordinateTransformations"][0]["scale"],
            "translation": dataset["coordinateTransformations"][1]["translation"],
        })
    return {
        "version": model.ome_zarr_version,
        "axes": [[axis["name"], axis["unit"]] for axis in multiscale["axes"]],
        "levels": levels,
    }


print(json.dumps({path: describe(path) for path in sys.argv[2:]}))
