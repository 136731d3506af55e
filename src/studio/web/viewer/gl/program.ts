/** A compiled pair of shaders with the places of its uniforms. */
export interface Program {
  readonly handle: WebGLProgram;
  uniform(name: string): WebGLUniformLocation | null;
}

/** @throws Error with the driver's words when the shaders do not compile */
export function compileProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const handle = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, `#version 300 es\n${text}`);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS) && !gl.isContextLost()) {
    const words = (gl.getAttachedShaders(handle) ?? [])
      .map((shader) => gl.getShaderInfoLog(shader))
      .join("\n");
    throw new Error(`the graphics driver refuses a shader: ${gl.getProgramInfoLog(handle)} ${words}`);
  }
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    handle,
    uniform: (name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(handle, name));
      return places.get(name)!;
    },
  };
}
