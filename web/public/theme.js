// Before anything is painted: the theme that was chosen on this machine, else the system's; again
// when either changes.
{
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("theme");
    const dark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.classList.toggle("wa-dark", dark);
    document.documentElement.classList.toggle("wa-light", !dark);
  };
  system.addEventListener("change", apply);
  addEventListener("theme-chosen", apply);
  apply();
}
