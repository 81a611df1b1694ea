// What benchmarks/scrubbing.py runs in the viewer's page; `window.worldline` is the open scene.

const rest = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
const spread = (values) => ({ p50: percentile(values, 0.5), p95: percentile(values, 0.95), count: values.length });
const lidarOf = () => worldline.store.getState().scene.lidars[0];
const shownBy = (name) => Number(document.querySelector(`.wl-${name}`)?.dataset.frame ?? -1);

/** Milliseconds from asking for a frame that is not held to its points being in the buffers of the graphics card. */
const scrubUncached = async (samples) => {
  const { store, editor, stream } = worldline;
  const count = store.getState().scene.frame_count;
  const times = [];
  for (let n = 1; times.length < samples && n < 4 * count; n++) {
    const frame = (n * 37) % count;
    if (stream.peek(lidarOf().name, frame) !== null) continue;
    const start = performance.now();
    editor.showFrame(frame);
    await stream.points(lidarOf().name, frame);
    await rest(); // the view's own promises come before
    times.push(performance.now() - start);
    await rest(60);
  }
  return spread(times);
};

/** Goes to the nth frame that is held, until it is drawn; the milliseconds that the scripts took. */
const stepCached = async (n) => {
  const { store, editor, stream } = worldline;
  const held = Array.from({ length: store.getState().scene.frame_count }, (_, frame) => frame).filter(
    (frame) => stream.peek(lidarOf().name, frame) !== null,
  );
  const start = performance.now();
  editor.showFrame(held[(n * 13) % held.length]);
  const passed = performance.now() - start;
  await nextFrame();
  await rest(); // after this frame's drawing, style and layout
  return { passed, held: held.length };
};

/** How far the image shown is from the sweep shown while both play, in frames of the video, and the pace. */
const playTogether = async (seconds) => {
  const { store, editor } = worldline;
  const clock = store.getState().scene.clock.time_ns;
  editor.showFrame(0);
  await rest(2500);
  const apart = [];
  const start = performance.now();
  editor.play();
  while (performance.now() - start < seconds * 1000 && store.getState().playing) {
    await nextFrame();
    await rest();
    const [cloud, camera] = [shownBy("cloud"), shownBy("camera")];
    if (cloud >= 0 && camera >= 0) apart.push(Math.abs(cloud - camera));
  }
  const passed_ms = performance.now() - start;
  editor.pause();
  const played_ms = (clock[store.getState().frame] - clock[0]) / 1e6;
  return { ...spread(apart), worst: Math.max(...apart), pace: played_ms / passed_ms };
};
