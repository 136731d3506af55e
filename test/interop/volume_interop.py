"""The other side of volumes.interop.ts.

volume_interop.py describe FILE...   prints, as JSON, what mrcfile or h5py reads in our files
volume_interop.py change FILE        changes voxels of our file where they are, and prints what all of them sum up to
volume_interop.py write FOLDER       writes files with mrcfile and h5py, and prints what is in them
"""
import io
import json
import sys
from pathlib import Path

import h5py
import mrcfile
import numpy as np


def facts(data, voxel, origin, **more):
    return {
        "shape": list(data.shape),
        "type": data.dtype.name,
        "values": [float(value) for value in data.ravel()],
        "voxelSizeAngstrom": None if voxel is None else [float(length) for length in voxel],
        "originAngstrom": [float(length) for length in origin],
        **more,
    }


def describe_mrc(path):
    report = io.StringIO()
    valid = mrcfile.validate(path, print_file=report)
    with mrcfile.open(path) as file:
        header = file.header
        return facts(
            np.array(file.data),
            [file.voxel_size[axis] for axis in "zyx"],
            [header.origin[axis] for axis in "zyx"],
            valid=bool(valid),
            report=report.getvalue(),
            volume=bool(file.is_volume()),
            labels=[label.strip() for label in file.get_labels()],
            statistics=[float(header[name]) for name in ("dmin", "dmax", "dmean", "rms")],
        )


def describe_hdf5(path):
    with h5py.File(path, "r") as file:
        return {
            name: facts(
                dataset[()],
                dataset.attrs.get("voxel_size_angstrom"),
                dataset.attrs["origin_angstrom"],
                chunks=list(dataset.chunks),
                compression=dataset.compression,
                micrometres=[float(length) for length in dataset.attrs.get("element_size_um", [])],
                labels=[str(label) for label in dataset.attrs.get("labels", [])],
            )
            for name, dataset in file.items()
        }


def change(path):
    """Noise where there was a pattern: its chunks no longer fit their places, and the library moves them."""
    with h5py.File(path, "r+") as file:
        noise = np.random.default_rng(3).integers(-30000, 30000, (40, 70, 100))
        file["dataset"][10:50, 30:100, 50:150] = noise
    with h5py.File(path, "r") as file:
        return {"total": int(file["dataset"][()].astype("i8").sum())}


def write(folder):
    generator = np.random.default_rng(5)
    written = {}
    for name in ["int8", "int16", "uint16", "float16", "float32"]:
        data = (generator.normal(size=(7, 11, 13)) * 20 + 60).astype(name)
        path = folder / f"{name}.mrc"
        with mrcfile.new(path) as file:
            file.set_data(data)
            file.voxel_size = (1.5, 2.25, 13.48)
            file.header.origin = (1, -2, 3.5)
            file.set_volume()
        written[path.name] = facts(data, (13.48, 2.25, 1.5), (3.5, -2, 1))
    packed = folder / "packed.mrc.gz"
    with mrcfile.new(packed, compression="gzip") as file:
        file.set_data(data)
    written[packed.name] = facts(data, None, (0, 0, 0))
    packed = folder / "packed.mrc.bz2"
    with mrcfile.new(packed, compression="bzip2") as file:
        file.set_data(data)
    written[packed.name] = facts(data, None, (0, 0, 0))
    with h5py.File(folder / "volume.h5", "w") as file:
        file.create_dataset("dataset", data=data, chunks=True, compression="gzip", shuffle=True)
    written["volume.h5"] = facts(data, None, (0, 0, 0))
    return written


def main(command, *paths):
    if command == "write":
        return write(Path(paths[0]))
    if command == "change":
        return change(paths[0])
    return {path: (describe_hdf5 if path.endswith(".h5") else describe_mrc)(path) for path in paths}


print(json.dumps(main(*sys.argv[1:])))
