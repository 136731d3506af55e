"""What h5py finds in our weights and histories, and the same written by h5py. Prints JSON."""

import json
import sys

import h5py
import numpy as np


def text(value):
    return value.decode("utf-8") if hasattr(value, "decode") else value


def variable(name, dataset):
    assert dataset.dtype == np.dtype("<f4"), dataset.dtype
    values = dataset[()]
    return {"name": name, "shape": list(values.shape), "values": values.ravel().tolist()}


def read_model(path):
    """Along the attributes, as Keras 2's loader."""
    with h5py.File(path, "r") as file:
        weights = file["model_weights"]
        layers = []
        for name in map(text, weights.attrs["layer_names"]):
            group = weights[name]
            names = [text(entry) for entry in group.attrs["weight_names"]]
            layers.append({"name": name, "variables": [variable(entry, group[entry]) for entry in names]})
        return {
            "config": json.loads(text(file.attrs["model_config"])),
            "kerasVersion": text(weights.attrs["keras_version"]),
            "backend": text(weights.attrs["backend"]),
            "layers": layers,
        }


def read_variables(path):
    """By numbered names, as Keras 3's loader."""

    def number(name):
        return int(name.rpartition("_")[2]) if "_" in name else 0

    with h5py.File(path, "r") as file:
        layers = file["layers"]
        names = sorted((name for name in layers if name.startswith("conv3d")), key=number)
        return [
            {"name": name, "variables": [variable(key, layers[name]["vars"][key]) for key in ("0", "1")]}
            for name in names
        ]


def copy_model(source, target):
    """As Keras 2 writes with h5py: texts of variable length, arrays of numpy bytes, packed data sets."""
    model = read_model(source)
    with h5py.File(target, "w") as file:
        file.attrs["model_config"] = json.dumps(model["config"])
        weights = file.create_group("model_weights")
        weights.attrs["keras_version"] = b"2.9.0"
        weights.attrs["backend"] = "tensorflow"
        weights.attrs["layer_names"] = [layer["name"].encode() for layer in model["layers"]]
        for layer in model["layers"]:
            group = weights.create_group(layer["name"])
            group.attrs["weight_names"] = [entry["name"].encode() for entry in layer["variables"]]
            for entry in layer["variables"]:
                data = np.array(entry["values"], "<f4").reshape(entry["shape"])
                group.create_dataset(entry["name"], data=data, compression="gzip", shuffle=True)
    return None


def read_datasets(path):
    with h5py.File(path, "r") as file:
        return {name: file[name][()].tolist() for name in file}


def copy_datasets(source, target):
    with h5py.File(target, "w") as file:
        for name, values in read_datasets(source).items():
            file[name] = np.array(values, "<f8")
    return None


commands = {
    "read-model": read_model,
    "read-variables": read_variables,
    "copy-model": copy_model,
    "read-datasets": read_datasets,
    "copy-datasets": copy_datasets,
}
print(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))
