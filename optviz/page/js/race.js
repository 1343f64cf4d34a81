// The page of one race.
function begin() {
  const world = worldOf(DATA.function, FUNCTION);
  app.entrants = DATA.entrants.map(entrantOf);
  app.entrants.forEach((entrant) => (entrant.own = ownOf(entrant)));
  app.scenes = [new Scene($("scene"), $("curve"), world)];
  const state = readState(location.hash, limits());
  stories();
  offerBasins();
  apply(state);
  app.speed = state.speed ?? 1;
  $("speed").value = String(app.speed);
  document.documentElement.dataset.theme = theme().name;
  listen();
  listenTo(first());
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) === app.link) return;
    apply(readState(location.hash, limits()));
    restart();
    everything();
  });
  restart();
  if (state.solid || (DATA.solid && !location.hash)) setSolid(true);
  else everything();
  seek(state.step ?? (calm ? app.steps : 0));
  if (state.step === undefined && !calm) play(true);
  document.documentElement.dataset.ready = "";
}
begin();
window.optviz = { app, first, simulate, seek, apply, readState, limits }; // for the curious
