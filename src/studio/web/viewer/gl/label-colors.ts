import { colorOfLabel } from "../../design/class-colors.ts";
import { rgb } from "../near-objects.ts";
import type { ShownClass } from "../viewer-props.ts";

/** The colour of every label from 0 to 255 (the last stands for all above) as a texture of one row; alpha 0: not drawn. */
export interface LabelColors {
  readonly texture: WebGLTexture;
  set(classes: readonly ShownClass[], hidden: ReadonlySet<number>): void;
}

export function createLabelColors(gl: WebGL2RenderingContext): LabelColors {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 256, 1);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  return {
    texture,
    set: (classes, hidden) => {
      const named = new Map(classes.map(({ label, color }) => [label, color]));
      const colors = new Uint8Array(256 * 4);
      // label 0 is the background
      for (let label = 1; label < 256; label++)
        if (!hidden.has(label))
          colors.set(
            [...rgb(named.get(label) ?? colorOfLabel(label)).map((part) => part * 255), 255],
            label * 4,
          );
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, 1, gl.RGBA, gl.UNSIGNED_BYTE, colors);
    },
  };
}
