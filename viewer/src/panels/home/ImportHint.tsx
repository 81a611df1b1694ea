import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Control } from "../controls/Control";
import { client } from "../session/client";
import { UploadBox } from "./UploadBox";

/** Bringing a recording in: by an upload, or by the command that is written here for the format chosen. */
export function ImportHint({ empty }: { empty: boolean }) {
  const formats = useQuery({
    queryKey: ["formats"],
    queryFn: ({ signal }) => client.formats(signal),
    staleTime: 60_000,
  });
  const readers = (formats.data ?? []).filter((format) => format.reads);
  const [format, setFormat] = useState<string | null>(null);
  const chosen = readers.find((each) => each.name === format);
  const import_line = `worldline import PATH --name NAME${chosen ? ` --format ${chosen.name}` : ""}`;
  return (
    <section className="import-hint">
      <h2>{empty ? "Bring one in" : "Bring in another"}</h2>
      {readers.length > 0 && (
        <div className="readers" role="radiogroup" aria-label="Format of the recording">
          <Choice text="Recognise it" on={format === null} onChoose={() => setFormat(null)} />
          {readers.map((each) => (
            <Choice
              key={each.name}
              text={each.title}
              on={each.name === format}
              onChoose={() => setFormat(each.name)}
            />
          ))}
        </div>
      )}
      <UploadBox format={format} />
      <Command
        text={import_line}
        hint="PATH is a file, folder, zip or tar file on the machine that runs the server, or s3://bucket/prefix"
      />
      <p className="faint">
        A lidar that drove, without ego poses: add <code>--estimate-poses</code>. Cuboids without ids: add{" "}
        <code>--link</code>.
      </p>
      {empty && (
        <Command
          text="worldline simulate --name street"
          hint="A simulated street with lidar, cameras and exact tracks"
        />
      )}
    </section>
  );
}

function Choice({ text, on, onChoose }: { text: string; on: boolean; onChoose: () => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button carries the look and the focus ring of all others
    <button type="button" role="radio" aria-checked={on} className="reader" onClick={onChoose}>
      {text}
    </button>
  );
}

function Command({ text, hint }: { text: string; hint: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyButton value={text} timeout={1500}>
        {({ copied, copy }) => (
          <Control label={copied ? "Copied" : "Copy the command"} onClick={copy}>
            {copied ? <IconCheck size={15} className="ok" /> : <IconCopy size={15} />}{" "}
            {copied ? "Copied" : "Copy"}
          </Control>
        )}
      </CopyButton>
      <span className="faint">{hint}</span>
    </div>
  );
}
