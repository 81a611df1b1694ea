/** The cloud's shaders: points, and the pass that shades and lays them down with their depth. */

/** How many cuboids may colour the points in them. */
export const MOST_BOXES = 40;

export const COLOR_MODES = ["height", "intensity", "height_intensity", "distance", "image", "field"] as const;

export const POINT_VERTEX = /* glsl */ `
precision highp float;
uniform mat4 modelMatrix, viewMatrix, projectionMatrix;
uniform vec2 sizes;          // smallest and largest, device px
uniform float reach;         // device px times metres
uniform float flatSize;      // device px in bird's-eye view, else 0
uniform int mode;
uniform vec2 clip;           // lowest and highest z on the stage
uniform vec2 heights;        // ends of the ramp
uniform float farthest;      // end of the ramp by distance
uniform vec2 intensities;    // common ones
uniform float hasIntensity;
uniform vec3 values;         // ends of the ramp by a field; z: 0 no field, 1 single values, 2 colours
uniform vec3 ramp[5];
uniform int boxCount;
uniform vec4 boxes[${MOST_BOXES * 3}];  // rows of half-size cuboid from stage
uniform vec4 boxColors[${MOST_BOXES}];  // colour, how strongly
in vec3 position;
in float intensity;
in vec4 tint;
in float value;
out vec3 vColor;
vec3 ramped(float t) {
  float s = clamp(t, 0.0, 1.0) * 4.0;
  int n = min(int(s), 3);
  return mix(ramp[n], ramp[n + 1], s - float(n));
}
void main() {
  vec4 place = modelMatrix * vec4(position, 1.0);
  if (place.z < clip.x || place.z > clip.y) { gl_Position = vec4(0.0, 0.0, 2.0, 1.0); gl_PointSize = 0.0; return; }
  vec4 seen = viewMatrix * place;
  gl_Position = projectionMatrix * seen;
  if (any(greaterThan(abs(gl_Position.xy), vec2(gl_Position.w * 1.02)))) { gl_PointSize = 0.0; return; }
  gl_PointSize = flatSize > 0.0 ? flatSize : clamp(reach / max(-seen.z, 0.1), sizes.x, sizes.y);
  float height = (place.z - heights.x) / (heights.y - heights.x);
  float bright = hasIntensity > 0.5
    ? clamp((intensity - intensities.x) / (intensities.y - intensities.x), 0.0, 1.0) : 0.55;
  vec3 color;
  if (mode == 0) color = ramped(height);
  else if (mode == 1) color = mix(vec3(0.17, 0.20, 0.24), vec3(0.80, 0.83, 0.87), bright);
  else if (mode == 2) {
    color = ramped(height) * (0.62 + 0.66 * bright);
    color = mix(color, vec3(dot(color, vec3(0.3, 0.59, 0.11))), 0.16 * (1.0 - bright));
    color += 0.16 * bright * bright;
  }
  else if (mode == 3) color = ramped(length(place.xy) / farthest);
  else if (mode == 5 && values.z < 1.5) color = values.z > 0.5
    ? ramped((value - values.x) / (values.y - values.x)) : vec3(0.2, 0.23, 0.27);
  else color = tint.a > 0.5 ? tint.rgb : vec3(0.2, 0.23, 0.27);
  for (int n = 0; n < ${MOST_BOXES}; n++) {
    if (n >= boxCount) break;
    vec3 own = vec3(dot(boxes[3 * n], place), dot(boxes[3 * n + 1], place), dot(boxes[3 * n + 2], place));
    if (all(lessThanEqual(abs(own), vec3(1.0)))) {
      color = mix(color, boxColors[n].rgb * (0.72 + 0.28 * bright), boxColors[n].a);
      break;
    }
  }
  vColor = color;
}`;

export const POINT_FRAGMENT = /* glsl */ `
precision highp float;
in vec3 vColor;
out vec4 outColor;
void main() {
  vec2 off = gl_PointCoord * 2.0 - 1.0;
  if (dot(off, off) > 1.0) discard;
  outColor = vec4(vColor, 1.0);
}`;

export const SHADE_VERTEX = /* glsl */ `
precision highp float;
in vec3 position;
void main() { gl_Position = vec4(position.xy, 0.0, 1.0); }`;

/** Eye-dome lighting (C. Boucheny 2009): a point darker the more its neighbours stand before it. */
export const SHADE_FRAGMENT = /* glsl */ `
precision highp float;
uniform sampler2D colors, depths;
uniform vec2 range;       // near, far
uniform float isFlat;     // orthographic
uniform float strength;   // 0 is off
uniform float step_px;    // device px
uniform vec3 ground;
out vec4 outColor;
float away(float depth) {
  return isFlat > 0.5 ? depth * (range.y - range.x) * 0.03
    : log2(range.x * range.y / (range.y - depth * (range.y - range.x)));
}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec2 size = vec2(textureSize(depths, 0));
  vec2 uv = gl_FragCoord.xy / size;
  float depth = texelFetch(depths, at, 0).r;
  gl_FragDepth = depth;
  if (depth >= 1.0) { outColor = vec4(ground, 1.0); return; }
  vec3 color = texelFetch(colors, at, 0).rgb;
  float here = away(depth), shade = 0.0;
  for (int n = 0; n < 8; n++) {
    float angle = float(n) * 0.78539816;
    float there = texture(depths, uv + vec2(cos(angle), sin(angle)) * step_px / size).r;
    if (there < 1.0) shade += max(0.0, here - away(there));
  }
  float kept = exp(-strength * shade / 8.0);
  outColor = vec4(color * mix(0.25, 1.0, kept), 1.0);
}`;
