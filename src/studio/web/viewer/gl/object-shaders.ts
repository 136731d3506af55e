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
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
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
void main() {
  float away = length(offset);
  float chosen = state.x;
  float faint = state.y;
  float width = edge * (chosen > 0.5 ? 1.6 : 0.9);
  float ring = 1.0 - smoothstep(width - 0.5 * edge, width + 0.5 * edge, abs(away - radius));
  float rim = 1.0 - smoothstep(width + 0.6 * edge, width + 1.8 * edge, abs(away - radius));
  if (faint > 0.5) {
    float part = fract(atan(offset.y, offset.x) / 6.2831853 * max(8.0, floor(radius / edge * 0.8)));
    float dash = smoothstep(0.0, 0.08, part) * (1.0 - smoothstep(0.55, 0.63, part));
    ring *= dash;
    rim *= dash;
  }
  float dot = 1.0 - smoothstep(1.2 * edge, 2.2 * edge, away);
  float inside = filled ? (1.0 - smoothstep(radius - edge, radius, away)) * 0.28 : 0.0;
  vec3 rimColor = chosen > 0.5 ? vec3(1.0) : vec3(0.0);
  float rimStrength = (chosen > 0.5 ? 0.85 : 0.45) * rim;
  float mine = max(max(ring, dot), inside);
  float alpha = max(mine, rimStrength) * ink.a;
  if (alpha < 0.01) discard;
  color = vec4(mix(rimColor, ink.rgb, clamp(max(max(ring, dot), inside > 0.0 && rimStrength < inside ? 1.0 : 0.0), 0.0, 1.0)), alpha);
}`;
