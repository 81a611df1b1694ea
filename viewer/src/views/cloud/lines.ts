/**
 * Fat lines: segments as screen-wide quads, one draw call, buffers made once.
 *
 * Each segment has its own colour, width and the opacity it keeps behind points. Two meshes share the
 * buffers: the visible part, and the part behind something nearer, drawn again faintly.
 */

import {
  DynamicDrawUsage,
  Float32BufferAttribute,
  GLSL3,
  GreaterDepth,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  LessEqualDepth,
  Mesh,
  RawShaderMaterial,
  Vector2,
} from "three";

const VERTEX = /* glsl */ `
precision highp float;
uniform mat4 modelViewMatrix, projectionMatrix;
uniform vec2 viewport;   // CSS pixels
uniform float near;
in vec2 corner;          // along 0 or 1, across -1 or 1
in vec3 from, to;
in vec4 color;
in vec2 style;           // width in CSS px, opacity behind points
uniform float hiddenPass;
out vec4 vColor;
out vec2 vAcross;        // signed distance from the middle, half width; CSS px
void main() {
  vec4 a = modelViewMatrix * vec4(from, 1.0);
  vec4 b = modelViewMatrix * vec4(to, 1.0);
  if (a.z > -near && b.z > -near) { gl_Position = vec4(0.0, 0.0, 2.0, 1.0); return; }
  if (a.z > -near) a = mix(a, b, (-near - a.z) / (b.z - a.z));
  else if (b.z > -near) b = mix(b, a, (-near - b.z) / (a.z - b.z));
  vec4 p = projectionMatrix * a, q = projectionMatrix * b;
  vec2 along = (q.xy / q.w - p.xy / p.w) * viewport;
  float len = length(along);
  along = len > 1e-4 ? along / len : vec2(1.0, 0.0);
  vec4 here = corner.x < 0.5 ? p : q;
  float half_px = style.x * 0.5 + 0.75;
  vec2 offset = vec2(-along.y, along.x) * corner.y * half_px + along * (corner.x * 2.0 - 1.0) * style.x * 0.35;
  here.xy += offset * 2.0 / viewport * here.w;
  gl_Position = here;
  vAcross = vec2(corner.y * half_px, style.x * 0.5);
  vColor = vec4(color.rgb, color.a * mix(1.0, style.y, hiddenPass));
}`;

const FRAGMENT = /* glsl */ `
precision highp float;
in vec4 vColor;
in vec2 vAcross;
out vec4 outColor;
void main() {
  float cover = clamp(vAcross.y + 0.5 - abs(vAcross.x), 0.0, 1.0);
  if (cover * vColor.a < 0.004) discard;
  outColor = vec4(vColor.rgb, vColor.a * cover);
}`;

export type Rgb = readonly [number, number, number];

export class FatLines {
  readonly visible: Mesh;
  readonly hidden: Mesh;
  private readonly geometry = new InstancedBufferGeometry();
  private readonly ends: [InstancedBufferAttribute, InstancedBufferAttribute];
  private readonly colors: InstancedBufferAttribute;
  private readonly styles: InstancedBufferAttribute;
  private readonly viewport = { value: new Vector2(1, 1) };
  private readonly near = { value: 0.1 };
  private count = 0;

  constructor(private readonly capacity: number) {
    const attribute = (size: number) => {
      const made = new InstancedBufferAttribute(new Float32Array(capacity * size), size);
      made.setUsage(DynamicDrawUsage);
      return made;
    };
    this.ends = [attribute(3), attribute(3)];
    this.colors = attribute(4);
    this.styles = attribute(2);
    this.geometry.setAttribute("corner", new Float32BufferAttribute([0, -1, 1, -1, 1, 1, 0, 1], 2));
    this.geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.geometry.setAttribute("from", this.ends[0]);
    this.geometry.setAttribute("to", this.ends[1]);
    this.geometry.setAttribute("color", this.colors);
    this.geometry.setAttribute("style", this.styles);
    this.visible = this.mesh(false);
    this.hidden = this.mesh(true);
    this.finish();
  }

  private mesh(hidden: boolean): Mesh {
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { viewport: this.viewport, near: this.near, hiddenPass: { value: hidden ? 1 : 0 } },
      transparent: true,
      depthWrite: false,
      depthFunc: hidden ? GreaterDepth : LessEqualDepth,
      side: 2,
    });
    const mesh = new Mesh(this.geometry, material);
    mesh.frustumCulled = false;
    mesh.renderOrder = hidden ? 3 : 4;
    return mesh;
  }

  begin(): void {
    this.count = 0;
  }

  add(
    ax: number,
    ay: number,
    az: number,
    bx: number,
    by: number,
    bz: number,
    color: Rgb,
    alpha: number,
    width_px: number,
    hidden_alpha: number,
  ): void {
    if (this.count >= this.capacity) return;
    const n = this.count++;
    this.ends[0].setXYZ(n, ax, ay, az);
    this.ends[1].setXYZ(n, bx, by, bz);
    this.colors.setXYZW(n, color[0], color[1], color[2], alpha);
    this.styles.setXY(n, width_px, hidden_alpha);
  }

  finish(): void {
    this.geometry.instanceCount = this.count;
    for (const attribute of [...this.ends, this.colors, this.styles]) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, this.count * attribute.itemSize);
      attribute.needsUpdate = true;
    }
  }

  resize(width: number, height: number, near_m: number): void {
    this.viewport.value.set(width, height);
    this.near.value = near_m;
  }

  dispose(): void {
    this.geometry.dispose();
    (this.visible.material as RawShaderMaterial).dispose();
    (this.hidden.material as RawShaderMaterial).dispose();
  }
}
