/** Pooling, upsampling, rectifier gradients, crops: what works plane by plane. */
import type { Axes3 } from "../../network/graph.ts";
import { type Layout, type Planes, storedChannels, sum } from "./layout.ts";
import { nchwcDomain } from "./model.ts";

const pool = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };

export function lowerMaxPool(layout: Layout, x: Planes): Planes {
  return pairs(x, (even, odd) =>
    layout.model.node("Max", [pool2d(layout, x, "MaxPool", even), pool2d(layout, x, "MaxPool", odd)]),
  );
}

/** The gradient goes to the maxima of each cell; ties share it equally. */
export function lowerMaxPoolGradient(layout: Layout, x: Planes, y: Planes, gradient: Planes): Planes {
  const { model } = layout;
  const names = y.names.flatMap((plane, z) => {
    const maxima = enlarge(layout, plane);
    const masks = [0, 1].map((k) => {
      const equal = model.node("Equal", [x.names[2 * z + k]!, maxima]);
      return model.node("Cast", [equal], { to: 1 });
    });
    const [even, odd] = masks.map((mask) => pool2d(layout, x, "AveragePool", mask));
    const ties = model.node("Mul", [model.node("Add", [even!, odd!]), model.scalar(4)]);
    const share = enlarge(layout, model.node("Div", [gradient.names[z]!, ties]));
    return masks.map((mask) => model.node("Mul", [mask, share]));
  });
  return { ...x, names };
}

/** Sum over 2×2×2, as four times the mean. */
export function lowerSumPool(layout: Layout, x: Planes): Planes {
  const { model } = layout;
  return pairs(x, (even, odd) => {
    const means = [even, odd].map((plane) => pool2d(layout, x, "AveragePool", plane));
    return model.node("Mul", [model.node("Add", means), model.scalar(4)]);
  });
}

export function lowerUpsample(layout: Layout, x: Planes): Planes {
  const names = x.names.flatMap((plane) => {
    const larger = enlarge(layout, plane);
    return [larger, larger];
  });
  return { ...x, names, height: 2 * x.height, width: 2 * x.width };
}

export function lowerReluGradient(layout: Layout, y: Planes, gradient: Planes): Planes {
  const { model } = layout;
  const names = y.names.map((plane, z) =>
    model.node("Mul", [gradient.names[z]!, model.node("Sign", [plane])]),
  );
  return { ...gradient, names };
}

/** Sum over batch, z, y, x: the tensor (channel). */
export function lowerSumToChannels(layout: Layout, x: Planes): string {
  const { model } = layout;
  const means = x.names.map((plane) =>
    layout.isBlocked
      ? model.node("GlobalAveragePool", [plane], {}, nchwcDomain)
      : model.node("GlobalAveragePool", [plane]),
  );
  const joined = layout.concat(means, 0);
  const total = model.node("ReduceSum", [joined, model.integers([0, 2, 3])], { keepdims: 0 });
  const scaled = model.node("Mul", [total, model.scalar(x.height * x.width)]);
  return layout.slice(layout.dropPadding(scaled, 0, x.segments), 0, 0, sum(x.segments));
}

export function lowerCrop(layout: Layout, x: Planes, start: Axes3, extent: Axes3): Planes {
  const planes = x.names.slice(start[0], start[0] + extent[0]);
  const cropped = { ...x, height: extent[1], width: extent[2] };
  if (extent[1] === x.height && extent[2] === x.width) return { ...cropped, names: planes };
  const { model } = layout;
  const channels = storedChannels(x, layout.block);
  const lane = x.blocked ? layout.block : 1;
  const names = planes.map((plane) => {
    const apart = layout.reshape(plane, [x.batch, channels / lane, x.height, x.width, lane]);
    const bounds = [
      [start[1], start[2]],
      [start[1] + extent[1], start[2] + extent[2]],
      [2, 3],
    ];
    const part = model.node("Slice", [apart, ...bounds.map((values) => model.integers(values))]);
    return layout.reshape(part, [x.batch, channels, extent[1], extent[2]]);
  });
  return { ...cropped, names };
}

function pairs(x: Planes, join: (even: string, odd: string) => string): Planes {
  const names = Array.from({ length: x.names.length / 2 }, (_, z) =>
    join(x.names[2 * z]!, x.names[2 * z + 1]!),
  );
  return { ...x, names, height: x.height / 2, width: x.width / 2 };
}

function pool2d(layout: Layout, x: Planes, type: "MaxPool" | "AveragePool", plane: string): string {
  if (!x.blocked) return layout.model.node(type, [plane], pool);
  return layout.model.node(type, [plane], { ...pool, dilations: [1, 1] }, nchwcDomain);
}

function enlarge(layout: Layout, plane: string): string {
  const { model } = layout;
  if (layout.isBlocked)
    return model.node("Upsample", [plane], { scales: [1, 1, 2, 2], mode: "nearest" }, nchwcDomain);
  const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return model.node("Resize", [plane, "", model.floats([4], Float32Array.of(1, 1, 2, 2))], attributes);
}
