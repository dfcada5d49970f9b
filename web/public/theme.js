// Before anything is painted: the theme that was chosen on this machine, else the system's.
{
  const chosen = localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.classList.toggle("wa-dark", dark);
    document.documentElement.classList.toggle("wa-light", !dark);
  };
  system.addEventListener("change", apply);
  apply();
}
