// Search is loaded when it is first asked for: by "/", by its link, or on its own page.
{
  const { search } = document.currentScript.dataset;
  const link = document.querySelector(".open-search");
  const form = document.querySelector("main .search-form");
  const load = () => import(search);
  if (form) {
    load().then(({ attach }) => attach(
      form,
      document.querySelector("main .search-results"),
      document.querySelector("main .search-status"),
      form.dataset.index,
      { isPage: true },
    ));
  }
  const open = async (event) => {
    event.preventDefault();
    if (form) form.q.focus();
    else (await load()).openDialog(link.href);
  };
  const isWriting = (at) => at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName);
  document.addEventListener("keydown", (event) => {
    const isAlone = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "/" && isAlone && link && !isWriting(event.target)) open(event);
  });
  link?.addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
}
