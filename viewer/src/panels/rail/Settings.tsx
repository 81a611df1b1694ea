/** How the cloud looks, and what the numbers are counted from. */

import { Popover, Slider, Switch, Tooltip } from "@mantine/core";
import { IconSettings } from "@tabler/icons-react";
import { NumberField } from "../controls/NumberField";
import { Segments } from "../controls/Segments";
import { useApp, useSession } from "../session/context";
import { usePreference } from "../session/preferences";

export function Settings() {
  return (
    <Popover position="right-end" width={300} trapFocus>
      <Popover.Target>
        <Tooltip label="How the cloud looks" position="right">
          <button type="button" className="tool" aria-label="Settings of the view">
            <IconSettings size={19} stroke={1.6} />
          </button>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Form />
      </Popover.Dropdown>
    </Popover>
  );
}

function Form() {
  const { editor } = useSession();
  const view = useApp((state) => state.view);
  const [from, setFrom] = usePreference("position_from");
  return (
    <div className="settings">
      <div className="setting">
        <span id="point-size">Point size</span>
        <Slider
          aria-labelledby="point-size"
          size={3}
          thumbSize={12}
          w={150}
          min={0.5}
          max={3}
          step={0.1}
          label={(value) => `×${value.toFixed(1)}`}
          value={view.point_size}
          onChange={(point_size) => editor.changeView({ point_size })}
        />
      </div>
      <div className="setting">
        <span id="point-budget">Points of maps</span>
        <Slider
          aria-labelledby="point-budget"
          size={3}
          thumbSize={12}
          w={150}
          min={0.5}
          max={10}
          step={0.5}
          label={(value) => `${value} million`}
          value={view.point_budget / 1e6}
          onChange={(millions) => editor.changeView({ point_budget: millions * 1e6 })}
        />
      </div>
      <Clip
        text="Hide below"
        label="Hide points lower than this, metres above the ground under the car"
        value={view.clip_low_m}
        initial={-1}
        onChange={(clip_low_m) => editor.changeView({ clip_low_m })}
      />
      <Clip
        text="Hide above"
        label="Hide points higher than this, metres above the ground under the car"
        value={view.clip_high_m}
        initial={4}
        onChange={(clip_high_m) => editor.changeView({ clip_high_m })}
      />
      <Toggle
        text="Eye-dome shading"
        on={view.eye_dome}
        onChange={(eye_dome) => editor.changeView({ eye_dome })}
      />
      <Toggle
        text="Names on boxes"
        on={view.show_labels}
        onChange={(show_labels) => editor.changeView({ show_labels })}
      />
      <div className="setting">
        <span>Position from</span>
        <Segments
          label="Position from"
          value={from}
          choices={[
            { value: "sensor", text: "sensor" },
            { value: "world", text: "world" },
          ]}
          onChoose={setFrom}
        />
      </div>
    </div>
  );
}

interface ClipProps {
  readonly text: string;
  readonly label: string;
  readonly value: number | null;
  readonly initial: number;
  readonly onChange: (value: number | null) => void;
}

function Clip({ text, label, value, initial, onChange }: ClipProps) {
  return (
    <div className="setting">
      <span>{text}</span>
      <span className="clip">
        {value !== null && (
          <NumberField
            letter=""
            label={label}
            unit="m"
            value={value}
            digits={1}
            step={0.1}
            onCommit={onChange}
          />
        )}
        <Switch
          size="xs"
          aria-label={text}
          checked={value !== null}
          onChange={(event) => onChange(event.currentTarget.checked ? initial : null)}
        />
      </span>
    </div>
  );
}

function Toggle({ text, on, onChange }: { text: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <div className="setting">
      <span>{text}</span>
      <Switch
        size="xs"
        aria-label={text}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}
