// Keeps an open page new while its writer writes: takes over what has changed, where it has,
// and shows what runs and what is wrong. Only the writer's own server puts this into pages.
{
  let { version } = document.currentScript.dataset;
  let news = null;
  let isClosed = false; // by the writer, until there is something else to tell
  let fading = 0;

  // ---- the page

  const unframe = () => {
    for (const frame of document.querySelectorAll(".code-frame")) {
      frame.replaceWith(frame.querySelector("pre"));
    }
  };

  const isWaiting = (node) => node.nodeType === Node.ELEMENT_NODE && node.matches(".pending");
  const isAlike = (one, other) => (
    one.nodeName === other.nodeName && isWaiting(one) === isWaiting(other)
  );

  // Make `was` what `now` is, and touch nothing that is the same.
  const become = (was, now) => {
    if (was.nodeType !== Node.ELEMENT_NODE) {
      if (was.data !== now.data) was.data = now.data;
      return;
    }
    for (const { name, value } of now.attributes) {
      if (was.getAttribute(name) !== value) was.setAttribute(name, value);
    }
    for (const { name } of [...was.attributes]) {
      if (name !== "open" && !now.hasAttribute(name)) was.removeAttribute(name);
    }
    const olds = [...was.childNodes];
    const news = [...now.childNodes];
    while (olds.length && news.length && olds[0].isEqualNode(news[0])) {
      olds.shift();
      news.shift();
    }
    let after = null;
    while (olds.length && news.length && olds.at(-1).isEqualNode(news.at(-1))) {
      after = olds.pop();
      news.pop();
    }
    const waits = [...now.childNodes].some(isWaiting);
    for (let place = 0; place < Math.max(olds.length, news.length); place += 1) {
      const [old, next] = [olds[place], news[place]];
      if (old && next && isAlike(old, next)) {
        become(old, next);
      } else if (waits && old?.nodeType === Node.ELEMENT_NODE && !isWaiting(old)) {
        // What a block gave before stays to be seen, paler, until it has given something new.
        old.classList.add("stale");
        if (next) was.insertBefore(next, old);
      } else if (old && next) {
        old.replaceWith(next);
      } else if (next) {
        was.insertBefore(next, after);
      } else {
        old.remove();
      }
    }
  };

  const ofHead = (page) => [...page.head.querySelectorAll("link[rel=stylesheet], script[src]")]
    .map((node) => node.outerHTML).join();

  const refresh = async () => {
    const response = await fetch(location.href, { cache: "no-cache" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (ofHead(page) !== ofHead(document) || !document.querySelector("main")) {
      location.reload(); // the browser keeps the place
      return;
    }
    document.title = page.title;
    unframe();
    become(document.body, page.body);
    // Of groups that had one name for a moment, one has lost its choice.
    for (const radio of document.querySelectorAll("input[type=radio][checked]")) {
      const group = [...document.getElementsByName(radio.name)];
      if (!group.some((one) => one.checked)) radio.checked = true;
    }
    document.dispatchEvent(new Event("page-changed"));
  };

  // ---- what is told about it

  const panel = document.createElement("aside");
  panel.id = "live";
  panel.hidden = true;
  panel.setAttribute("aria-label", "Build");
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const list = document.createElement("div");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Hide";
  panel.append(close, words, list);
  document.documentElement.append(panel);

  const seconds = (number) => `${number.toFixed(number < 10 ? 2 : 1)} s`;
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const place = (block) => `${block.post}:${block.line}`;

  const show = () => {
    const { running, ran, problems } = news;
    const past = (Date.now() - news.at) / 1000;
    panel.className = problems.length ? "wrong" : "";
    panel.hidden = isClosed || !(problems.length || running.length || ran.length);
    if (problems.length) {
      words.textContent = `${counted(problems.length, "error")}. Pages are as they were before.`;
      list.replaceChildren(...problems.flatMap((problem) => {
        const [message, ...more] = problem.split("\n");
        const told = document.createElement("strong");
        const excerpt = document.createElement("pre");
        told.textContent = message;
        excerpt.tabIndex = 0;
        excerpt.textContent = more.join("\n");
        return more.length ? [told, excerpt] : [told];
      }));
      return;
    }
    if (running.length) {
      const [block, ...others] = running;
      words.textContent = `Block ${block.number} of ${block.count} runs, `
        + `${seconds(block.seconds + past)} (${place(block)})`
        + (others.length ? `, and ${counted(others.length, "other post")}` : "");
    } else if (ran.length) {
      const all = ran.reduce((sum, block) => sum + block.seconds, 0);
      words.textContent = `${counted(ran.length, "block")} ran in ${seconds(all)}`;
      clearTimeout(fading);
      fading = setTimeout(hide, 8000);
    }
    const told = document.createElement("ol");
    for (const block of ran.filter((one) => one.seconds >= 0.005)) {
      const item = document.createElement("li");
      item.textContent = `${place(block)} ${seconds(block.seconds)}`;
      told.append(item);
    }
    list.replaceChildren(told);
  };

  const hide = () => {
    isClosed = true;
    panel.hidden = true;
  };
  close.addEventListener("click", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) hide();
  });
  setInterval(() => {
    if (news?.running.length) show();
  }, 100);

  // ---- the server

  let source = null;
  let turn = Promise.resolve();

  const take = (event) => {
    const told = JSON.parse(event.data);
    const isOther = JSON.stringify([told.problems, told.ran, told.running.length])
      !== JSON.stringify([news?.problems, news?.ran, news?.running.length]);
    if (isOther) {
      isClosed = false;
      clearTimeout(fading);
    }
    news = { ...told, at: Date.now() };
    show();
    turn = turn.then(async () => {
      const latest = `${news.server}-${news.version}`;
      if (latest === version) return;
      version = latest;
      await refresh();
    }).catch(() => { version = ""; }); // the server has gone; it is asked again when it is back
  };

  // A browser keeps few connections to one server: pages that nobody looks at have none.
  const listen = () => {
    source?.close();
    source = null;
    if (document.visibilityState !== "visible") return;
    source = new EventSource("/.live/events");
    source.addEventListener("message", take);
  };
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
}
