// Before anything is drawn: the reader's choice of light or dark, and that scripts run.
{
  const page = document.documentElement;
  page.dataset.script = "";
  try {
    const choice = localStorage.getItem("theme");
    if (choice === "light" || choice === "dark") page.dataset.theme = choice;
  } catch {} // a reader who lets nothing be kept has the system's choice
}
