import { lazy, Suspense } from "react";
import { Home } from "../panels/home/Home";
import { useRoute } from "./route";

// The list of scenes is there at once; what draws scenes comes when one is opened.
const ScenePage = lazy(() => import("../panels/ScenePage").then((module) => ({ default: module.ScenePage })));

export function App() {
  const route = useRoute();
  if (route.kind === "home") return <Home />;
  return (
    <Suspense fallback={<div className="page-middle dim">Opening {route.name}</div>}>
      <ScenePage key={route.name} name={route.name} />
    </Suspense>
  );
}
