/** A rectangle of the pane (clip space) with a rectangle of a tile (texels, 0 the left edge of the first) on it. */
export const tileVertex = `
uniform vec4 target;
uniform vec4 texels;
out vec2 place;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  place = mix(texels.xy, texels.zw, corner);
  gl_Position = vec4(mix(target.xy, target.zw, corner), 0.0, 1.0);
}`;

const head = `
precision highp float;
precision highp int;
precision highp usampler2DArray;
uniform usampler2DArray atlas;
uniform ivec2 extent;
in vec2 place;
out vec4 color;
uint codeAt(ivec2 texel, int layer) {
  return texelFetch(atlas, ivec3(clamp(texel, ivec2(0), extent - 1), layer), 0).r;
}`;

/** As many slices can be averaged at once. */
export const mostAveraged = 31;

const averagedGrey = `
uniform int layers[${mostAveraged}];
uniform int count;
float greyAt(ivec2 texel) {
  float sum = 0.0;
  for (int i = 0; i < count; i++) sum += float(codeAt(texel, layers[i]));
  return sum / float(count);
}`;

const plainGrey = `
uniform int layer;
float greyAt(ivec2 texel) { return float(codeAt(texel, layer)); }`;

const smoothCode = `
  vec2 from = place - 0.5;
  ivec2 texel = ivec2(floor(from));
  vec2 part = from - vec2(texel);
  float code = mix(
    mix(greyAt(texel), greyAt(texel + ivec2(1, 0)), part.x),
    mix(greyAt(texel + ivec2(0, 1)), greyAt(texel + ivec2(1, 1)), part.x),
    part.y);`;

const nearestCode = `
  float code = greyAt(ivec2(floor(place)));`;

/**
 * Grey between two codes, averaged over the layers (denoise) or of one, between voxels smooth or not. Each way is a shader of its own:
 * where the processor draws, a question asked at every pixel costs as much as the pixel.
 */
export const greyFragment = ({ averaged, smooth }: { averaged: boolean; smooth: boolean }): string => `${head}
uniform vec2 window;
uniform float opacity;
${averaged ? averagedGrey : plainGrey}
void main() {${smooth ? smoothCode : nearestCode}
  float grey = clamp((code - window.x) / (window.y - window.x), 0.0, 1.0);
  color = vec4(vec3(grey), opacity);
}`;

/** Each label in its colour; outlined: only where a label ends, about 1.5 pixels wide. */
export const labelFragment = `${head}
uniform int layer;
uniform sampler2D colors;
uniform float opacity;
uniform bool outlined;
uniform float line;
vec4 colorOf(uint label) {
  return texelFetch(colors, ivec2(int(min(label, 255u)), 0), 0);
}
void main() {
  uint label = codeAt(ivec2(floor(place)), layer);
  vec4 mine = colorOf(label);
  if (mine.a == 0.0) discard;
  float strength = opacity;
  if (outlined) {
    vec2 reach = line * abs(vec2(dFdx(place.x), dFdy(place.y)));
    bool border =
      codeAt(ivec2(floor(place + vec2(reach.x, 0.0))), layer) != label ||
      codeAt(ivec2(floor(place - vec2(reach.x, 0.0))), layer) != label ||
      codeAt(ivec2(floor(place + vec2(0.0, reach.y))), layer) != label ||
      codeAt(ivec2(floor(place - vec2(0.0, reach.y))), layer) != label;
    if (!border) discard;
    strength = max(strength, 0.9);
  }
  color = vec4(mine.rgb, strength);
}`;

/** Scores from dark violet over orange to pale yellow, nothing below the least. */
export const scoreFragment = `${head}
uniform int layer;
uniform vec2 window;
uniform float least;
uniform float opacity;
vec3 heat(float t) {
  vec3 low = vec3(0.34, 0.06, 0.43);
  vec3 middle = vec3(0.93, 0.41, 0.15);
  vec3 high = vec3(0.99, 0.96, 0.60);
  return t < 0.5 ? mix(low, middle, t * 2.0) : mix(middle, high, t * 2.0 - 1.0);
}
void main() {
  float code = float(codeAt(ivec2(floor(place)), layer));
  float score = (code - window.x) / (window.y - window.x);
  if (score < least) discard;
  color = vec4(heat(clamp((score - least) / max(1.0 - least, 1e-3), 0.0, 1.0)), opacity);
}`;
