const WORDS = {
  en: ["The panel could not be loaded", "The app may be restarting, or the session has ended.", "Load it again"],
  de: ["Das Panel konnte nicht geladen werden", "Die App startet vielleicht neu, oder die Sitzung ist abgelaufen.", "Neu laden"],
} as const;

/** Says that the script or its words did not come: a picture whose numbers never move must not stand there as if it were live. */
export function tellScriptFault(): void {
  const root = document.documentElement;
  const [what, why, again] = WORDS[root.lang === "de" ? "de" : "en"];
  root.dataset["picture"] = "hidden";
  const link = document.createElement("a");
  // The page itself, without what stands behind #.
  link.href = location.pathname + location.search;
  link.textContent = again;
  const title = document.createElement("h1");
  title.textContent = what;
  const reason = document.createElement("p");
  reason.role = "alert";
  reason.append(why, " ", link);
  const note = document.createElement("main");
  note.className = "script-fault";
  note.append(title, reason);
  document.querySelector(".script-fault")?.remove();
  document.body.prepend(note);
}
