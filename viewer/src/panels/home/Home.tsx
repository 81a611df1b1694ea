/** The scenes there are, and how to get one. */

import "./home.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Logo } from "../bar/Logo";
import { plural } from "../controls/number";
import { Failure } from "../exports/ExportDialog";
import { client, sentenceOf } from "../session/client";
import { ImportHint } from "./ImportHint";
import { SceneTable } from "./SceneTable";

export function Home() {
  useEffect(() => {
    document.title = "Worldline";
  }, []);
  const scenes = useQuery({
    queryKey: ["scenes"],
    queryFn: ({ signal }) => client.scenes(signal),
    refetchInterval: ({ state }) => (state.data?.some((scene) => scene.state === "growing") ? 1500 : 10_000),
  });
  const session = useQuery({
    queryKey: ["session"],
    queryFn: ({ signal }) => client.session(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = scenes.data ?? [];
  return (
    <div className="home-page">
      <header className="home-top">
        <Logo size={24} />
        <b>Worldline</b>
        <span className="grow" />
        {session.data && (
          <span className="faint">
            {session.data.data_dir_label} · version {session.data.version}
          </span>
        )}
      </header>
      <main>
        <div className="home-title">
          <h1>Scenes</h1>
          {rows.length > 0 && <span className="faint">{plural(rows.length, "scene")}</span>}
        </div>
        {scenes.isError && (
          <div className="home-error">
            <Failure text={sentenceOf(scenes.error)} />
            <button type="button" className="control boxed" onClick={() => void scenes.refetch()}>
              Try again
            </button>
          </div>
        )}
        {scenes.isPending && <p className="dim">Asking the server for its scenes</p>}
        {scenes.isSuccess && rows.length === 0 && (
          <div className="home-empty">
            <b>No scene yet</b>
            <span className="dim">
              Bring in a recording, or let a street be simulated to try everything out.
            </span>
          </div>
        )}
        {rows.length > 0 && <SceneTable scenes={rows} />}
        <ImportHint empty={scenes.isSuccess && rows.length === 0} />
      </main>
    </div>
  );
}
