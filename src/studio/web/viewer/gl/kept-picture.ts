/** A picture that is drawn once and shown until something that it is made of changes. */
export interface KeptPicture {
  /**
   * Shows it at a place of the canvas, whose scissor and viewport are set; draws it before where `parts` are others than the last time.
   * @param box left, bottom, width, height in pixels of the canvas
   * @param drawn width and height in which it is drawn and kept, when the canvas is coarser for a while
   */
  show(
    box: readonly [number, number, number, number],
    drawn: readonly [number, number],
    made: { readonly of: readonly unknown[]; readonly draw: () => void },
  ): void;
}

export function createKeptPicture(gl: WebGL2RenderingContext): KeptPicture {
  const frame = gl.createFramebuffer();
  const color = gl.createRenderbuffer();
  const depth = gl.createRenderbuffer();
  let kept: readonly unknown[] = [];
  let size = "";

  const fit = (width: number, height: number): void => {
    if (size === `${width}×${height}`) return;
    size = `${width}×${height}`;
    kept = [];
    gl.bindRenderbuffer(gl.RENDERBUFFER, color);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, width, height);
    gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT24, width, height);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, color);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, depth);
  };

  return {
    show: ([left, bottom, width, height], [keptWidth, keptHeight], { of: parts, draw }) => {
      gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
      fit(keptWidth, keptHeight);
      if (parts.length !== kept.length || parts.some((part, index) => part !== kept[index])) {
        kept = parts;
        gl.viewport(0, 0, keptWidth, keptHeight);
        gl.scissor(0, 0, keptWidth, keptHeight);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        draw();
      }
      gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
      gl.viewport(left, bottom, width, height);
      gl.scissor(left, bottom, width, height);
      gl.blitFramebuffer(
        0,
        0,
        keptWidth,
        keptHeight,
        left,
        bottom,
        left + width,
        bottom + height,
        gl.COLOR_BUFFER_BIT,
        width === keptWidth && height === keptHeight ? gl.NEAREST : gl.LINEAR,
      );
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    },
  };
}
