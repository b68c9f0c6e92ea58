// The button that changes between light and dark. For those who have not chosen, the system has.
{
  const page = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const now = () => page.dataset.theme ?? (system.matches ? "dark" : "light");
  const button = document.querySelector(".theme-toggle");
  const show = () => {
    const other = now() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `Change to ${other} colours`);
  };
  if (button) {
    button.addEventListener("click", () => {
      page.dataset.theme = now() === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("theme", page.dataset.theme);
      } catch {} // it holds for this page then
      show();
    });
    system.addEventListener("change", show);
    document.addEventListener("page-changed", show);
    show();
  }
}
