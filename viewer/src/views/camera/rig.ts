/** The cameras of the rig by name, where there are several: one shown always, or the best one by itself. */

import type { Editor } from "../../editor/contract";
import type { Scene } from "../../state/model";
import { make } from "../element";

export class Rig {
  private readonly root: HTMLElement;
  private readonly buttons = new Map<string | null, HTMLButtonElement>();
  private names = "";

  constructor(
    parent: HTMLElement,
    private readonly editor: Editor,
  ) {
    this.root = make("div", parent, "wl-camera-rig");
    this.root.addEventListener("pointerdown", (event) => event.stopPropagation());
  }

  show(scene: Scene, wanted: string | null, shown: string | null): void {
    const names = scene.cameras.map((camera) => camera.name);
    if (names.join("/") !== this.names) this.build(names);
    this.root.style.display = names.length > 1 ? "" : "none";
    for (const [name, button] of this.buttons) {
      const on = name === wanted;
      button.ariaPressed = String(on);
      button.style.color = name !== null && name === shown ? "var(--text)" : "";
    }
  }

  private build(names: readonly string[]): void {
    this.names = names.join("/");
    this.root.replaceChildren();
    this.buttons.clear();
    for (const name of [null, ...names]) {
      const button = make("button", this.root, "", name ?? "best");
      button.type = "button";
      button.title = name === null ? "The camera that shows the selection best" : `Always ${name}`;
      button.addEventListener("click", () => this.editor.changeView({ camera: name }));
      this.buttons.set(name, button);
    }
  }
}
