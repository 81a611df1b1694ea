/** The points' own picture, shaded by eye-dome lighting and laid down with its depth. */

import {
  AlwaysDepth,
  BufferGeometry,
  type Camera,
  DepthTexture,
  Float32BufferAttribute,
  GLSL3,
  Mesh,
  NearestFilter,
  RawShaderMaterial,
  Scene,
  UnsignedIntType,
  Vector2,
  Vector3,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import type { Rgb } from "./lines";
import { SHADE_FRAGMENT, SHADE_VERTEX } from "./shaders";

const STRENGTH = 22;
const STEP_PX = 1.5;

export class EyeDome {
  private readonly target: WebGLRenderTarget;
  private readonly material: RawShaderMaterial;
  private readonly geometry = new BufferGeometry();
  private readonly scene = new Scene();
  private readonly uniforms;

  constructor(ground: Rgb) {
    const depths = new DepthTexture(1, 1, UnsignedIntType);
    this.target = new WebGLRenderTarget(1, 1, {
      minFilter: NearestFilter,
      magFilter: NearestFilter,
      depthTexture: depths,
    });
    this.uniforms = {
      colors: { value: this.target.texture },
      depths: { value: depths },
      range: { value: new Vector2(0.1, 1000) },
      isFlat: { value: 0 },
      strength: { value: STRENGTH },
      step_px: { value: STEP_PX },
      ground: { value: new Vector3(...ground) },
    };
    this.material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: SHADE_VERTEX,
      fragmentShader: SHADE_FRAGMENT,
      uniforms: this.uniforms,
      depthFunc: AlwaysDepth,
      depthWrite: true,
    });
    this.geometry.setAttribute("position", new Float32BufferAttribute([-1, -1, 0, 3, -1, 0, -1, 3, 0], 3));
    const mesh = new Mesh(this.geometry, this.material);
    mesh.frustumCulled = false;
    this.scene.add(mesh);
  }

  resize(width: number, height: number, ratio: number): void {
    this.target.setSize(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)));
    this.uniforms.step_px.value = STEP_PX * ratio;
  }

  /** Draws the points on the screen, every pixel with the depth of its point. */
  draw(
    renderer: WebGLRenderer,
    points: Scene,
    camera: Camera & { near: number; far: number },
    lit: boolean,
  ): void {
    this.uniforms.range.value.set(camera.near, camera.far);
    this.uniforms.isFlat.value = "isOrthographicCamera" in camera ? 1 : 0;
    this.uniforms.strength.value = lit ? STRENGTH : 0;
    renderer.setRenderTarget(this.target);
    renderer.clear();
    renderer.render(points, camera);
    renderer.setRenderTarget(null);
    renderer.clear();
    renderer.render(this.scene, camera);
  }

  dispose(): void {
    this.target.depthTexture?.dispose();
    this.target.dispose();
    this.material.dispose();
    this.geometry.dispose();
  }
}
