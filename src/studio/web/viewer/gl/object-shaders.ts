/** A circle for each object near the slice: its middle and radius in pixels of the pane, colour, strength, chosen or faint. */
export const objectVertex = `
layout(location = 0) in vec3 circle;
layout(location = 1) in vec4 paint;
layout(location = 2) in vec2 how;
uniform vec2 pane;
uniform float edge;
out vec2 offset;
out float radius;
out vec4 ink;
out vec2 state;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, (gl_VertexID & 3) >> 1) * 2.0 - 1.0;
  float reach = max(circle.z, 4.0 * edge) + 3.0 * edge;
  offset = corner * reach;
  radius = max(circle.z, 4.0 * edge);
  ink = paint;
  state = how;
  vec2 at = circle.xy + offset;
  gl_Position = vec4(at.x / pane.x * 2.0 - 1.0, 1.0 - at.y / pane.y * 2.0, 0.0, 1.0);
}`;

/** A ring with a dark rim, so that it is seen on black and on white, and a dot in the middle; a chosen one is thick with a white rim. */
export const objectFragment = `
precision highp float;
uniform float edge;
uniform bool filled;
in vec2 offset;
in float radius;
in vec4 ink;
in vec2 state;
out vec4 color;
float band(float beside, float reach) {
  return clamp((reach - beside) / edge + 0.5, 0.0, 1.0);
}
void main() {
  float away = length(offset);
  float beside = abs(away - radius);
  float width = edge * (state.x > 0.5 ? 1.6 : 0.9);
  float ring = band(beside, width);
  float rim = band(beside, width + 1.2 * edge) * (state.x > 0.5 ? 0.85 : 0.45);
  float middle = band(away, 1.7 * edge);
  float inside = filled ? band(away, radius) * 0.28 : 0.0;
  if (max(max(rim, middle), inside) == 0.0) discard;
  if (state.y > 0.5) {
    float part = fract(atan(offset.y, offset.x) / 6.2831853 * max(8.0, floor(radius / edge * 0.8)));
    float dash = step(part, 0.58);
    ring *= dash;
    rim *= dash;
  }
  float mine = max(max(ring, middle), inside);
  float alpha = max(mine, rim);
  // where the rim is stronger its colour counts: white around a chosen one, black around the rest
  vec3 rimColor = vec3(state.x > 0.5 ? 1.0 : 0.0);
  color = vec4(mix(rimColor, ink.rgb, max(ring, middle) > 0.0 ? max(ring, middle) : (inside > rim ? 1.0 : 0.0)), alpha * ink.a);
}`;
