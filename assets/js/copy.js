// A button on each listing that copies its code, without the numbers of notes.
if (navigator.clipboard) {
  const add = (listing) => {
    const frame = document.createElement("div");
    const button = document.createElement("button");
    frame.className = "code-frame";
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the code");
    button.addEventListener("click", async () => {
      const code = listing.cloneNode(true);
      for (const note of code.querySelectorAll(".note")) note.remove();
      try {
        await navigator.clipboard.writeText(code.textContent.replace(/[ \t]+$/gm, "") + "\n");
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not allowed";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    listing.replaceWith(frame);
    frame.append(listing, button);
  };
  const addAll = () => document.querySelectorAll("pre.code").forEach(add);
  document.addEventListener("page-changed", addAll); // while its writer writes
  addAll();
}
