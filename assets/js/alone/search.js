// Full-text search. The files are described in builder/compose/search*.py; words are found there
// by the same rule as here. Every text is set as text, never as HTML.
const CJK = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const WORD = new RegExp(`[${CJK}]|(?:(?![${CJK}])[\\p{L}\\p{N}])+`, "gu");
const LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.,;:!?";
const plain = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();

export const wordsOf = (text) =>
  (plain(text).match(WORD) ?? []).filter((word) => !/^[a-z0-9]$/.test(word));

export function fileOf(word) {
  const begin = [...word].slice(0, 2);
  if (/^[a-z0-9]+$/.test(begin.join(""))) return begin.join("");
  return ["x", ...begin.map((letter) => letter.codePointAt(0).toString(16))].join("-");
}

// Whether one letter more, less, or other makes the words equal, or two exchanged.
export function isNear(a, b) {
  if (a.length < b.length) [a, b] = [b, a];
  let i = 0;
  while (i < b.length && a[i] === b[i]) i++;
  if (a.length > b.length) return a.slice(i + 1) === b.slice(i);
  const isSwapped = a[i] === b[i + 1] && a[i + 1] === b[i];
  return a.slice(i + 1) === b.slice(i + 1) || (isSwapped && a.slice(i + 2) === b.slice(i + 2));
}

// Posts of a group, each with its impacts by section.
function readPostings(code) {
  const posts = new Map();
  let post = 0;
  for (const [, number, levels] of code.matchAll(/(\d+)(\D+)/g)) {
    post = posts.size ? post - number : +number;
    const impacts = new Map();
    let section = -1;
    for (const level of levels) {
      if (level === "~") { section += 4; continue; }
      const value = LEVELS.indexOf(level);
      section += 1 + Math.floor(value / 15);
      impacts.set(section, value % 15 + 1);
    }
    posts.set(post, impacts);
  }
  return posts;
}

// All that is asked of the files below `base`.
export function openIndex(base) {
  const kept = new Map();
  let meta;
  const read = async (name, query, options) => {
    const answer = await fetch(`${base}${name}.json${query}`, options);
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  };
  const get = (name) => {
    if (!kept.has(name)) {
      const file = read(name, `?v=${meta.version}`);
      kept.set(name, file);
      file.catch(() => kept.delete(name));
    }
    return kept.get(name);
  };
  const groupsOf = async (word) => {
    const name = fileOf(word);
    if (!meta.names.has(name)) return [];
    return Object.values(await get(name)).map((text) => {
      const [forms, code] = text.split("|");
      return { forms: forms.split(" ").map((form) => form.split(":")[0]), code };
    });
  };

  // The nearest word that is there, of those with most posts.
  const mend = async (word, groups) => {
    const inGroups = (all) => all.flatMap((group) =>
      group.forms.filter((form) => isNear(form, word)).map((form) => ({ form, group })));
    let near = inGroups(groups);
    if (!near.length) {
      const names = [-1, 0, 1].map((n) => `words-${[...word].length + n}`);
      const lists = await Promise.all(names.filter((n) => meta.names.has(n)).map(get));
      const forms = lists.flatMap((list) => list.split(" ")).filter((form) => isNear(form, word));
      near = inGroups((await Promise.all(forms.slice(0, 5).map(groupsOf))).flat());
    }
    return near.sort((a, b) => b.group.code.length - a.group.code.length)[0];
  };

  // Groups that a word means, each with a weight. The last one may be unfinished.
  const lookUp = async (word, isLast) => {
    const groups = await groupsOf(word);
    const found = [];
    for (const group of groups) {
      if (group.forms.includes(word)) found.push([group, 1]);
      else if (isLast && group.forms.some((form) => form.startsWith(word))) found.push([group, 0.7]);
    }
    const mended = found.length || word.length < 4 ? undefined : await mend(word, groups);
    if (mended) found.push([mended.group, 1]);
    const posts = new Map();
    for (const [group, weight] of found) {
      for (const [post, impacts] of readPostings(group.code)) {
        if (!posts.has(post)) posts.set(post, new Map());
        const best = posts.get(post);
        for (const [section, impact] of impacts) {
          best.set(section, Math.max(best.get(section) ?? 0, impact * weight));
        }
      }
    }
    return { word: mended?.form ?? word, forms: found.flatMap(([group]) => group.forms), posts };
  };

  // Posts with all words, or with as many as any has: by the sum over words of the best section,
  // and by the best section for all words, which is the one that is linked to.
  const rank = (found) => {
    const posts = new Map();
    for (const { posts: own } of found) {
      const rarity = Math.log(1 + meta.posts / own.size);
      for (const [post, impacts] of own) {
        if (!posts.has(post)) posts.set(post, { post, words: 0, score: 0, sections: new Map() });
        const entry = posts.get(post);
        const all = [...impacts.values()];
        entry.words += 1;
        entry.score += rarity * (Math.max(...all) + all.reduce((a, b) => a + b) / 100);
        for (const [section, impact] of impacts) {
          entry.sections.set(section, (entry.sections.get(section) ?? 0) + rarity * impact);
        }
      }
    }
    const most = Math.max(...[...posts.values()].map((entry) => entry.words));
    const ranked = [...posts.values()].filter((entry) => entry.words === most);
    for (const entry of ranked) {
      [entry.section, entry.best] = [...entry.sections].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
      entry.score += entry.best;
    }
    return ranked.sort((a, b) => b.score - a.score || b.post - a.post);
  };

  const told = async ({ post, section }) => {
    const chunk = await get(`posts-${Math.floor(post / meta.chunk)}`);
    const [title, href, day, excerpt, headings] = chunk[post % meta.chunk];
    const [id, heading] = section ? headings[section - 1] : ["", ""];
    return { title, heading, day, excerpt, href: id ? `${href}#${encodeURIComponent(id)}` : href };
  };

  // How many posts there are, the first ten, their words, and the question as it was understood.
  return async (question) => {
    if (!meta) {
      const file = await read("meta", "", { cache: "no-cache" });
      meta = { ...file, names: new Set(file.files.split(" ")) };
    }
    const words = [...new Set(wordsOf(question))].slice(0, 8);
    const found = await Promise.all(words.map((word, n) => lookUp(word, n === words.length - 1)));
    const ranked = rank(found.filter((each) => each.posts.size));
    return {
      count: ranked.length,
      results: await Promise.all(ranked.slice(0, 10).map(told)),
      forms: new Set(found.flatMap((each) => each.forms)),
      mended: found.some((each, n) => each.word !== words[n]) && found.map((each) => each.word).join(" "),
    };
  };
}

function make(name, content = [], attributes = {}) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

// A text with the words that were looked for marked.
const marked = (text, forms) => text.split(/([\p{L}\p{N}\p{M}]+)/u).map((part) =>
  wordsOf(part).some((word) => forms.has(word)) ? make("mark", [part]) : part);

function item({ title, heading, day, excerpt, href }, forms) {
  const name = make("span", marked(heading ? `${title} › ${heading}` : title, forms), { class: "search-title" });
  return make("li", [make("a", [name], { href }), make("time", [day], { datetime: day }), make("p", [excerpt])]);
}

// Make a form search as one types; `onEscape` is called where there is nothing left to clear.
export function attach(form, list, status, base = form.dataset.index, { isPage = false, onEscape = () => {} } = {}) {
  const input = form.elements.q;
  const ask = openIndex(base);
  let asked = 0;
  let timer;
  const show = (results, words) => { list.replaceChildren(...results); status.textContent = words; };
  const search = async () => {
    clearTimeout(timer);
    const number = ++asked;
    const question = input.value.trim();
    if (isPage) history.replaceState(null, "", question ? `?q=${encodeURIComponent(question)}` : location.pathname);
    if (!wordsOf(question).length) { show([], ""); return; }
    try {
      const { count, results, forms, mended } = await ask(question);
      if (number !== asked) return;
      const words = count ? `${count} result${count > 1 ? "s" : ""}` : `No result for ${question}`;
      show(results.map((result) => item(result, forms)), mended ? `Did you mean: ${mended}? ${words}` : words);
    } catch {
      if (number === asked) show([], "The search cannot be reached");
    }
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 80); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await search();
    list.querySelector("a")?.click();
  });
  form.parentElement.addEventListener("keydown", (event) => {
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) {
      stops[(at + step + stops.length) % stops.length].focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!input.value) { onEscape(); return; }
      input.value = "";
      input.focus();
      search();
    }
  });
  if (isPage) input.value = new URLSearchParams(location.search).get("q") ?? input.value;
  if (input.value) search();
}

let dialog;

// Show the search above the page; closing it gives the focus back, as browsers do for dialogs.
export function openDialog(base) {
  if (!dialog) {
    const input = make("input", [], { type: "search", name: "q", "aria-label": "Search", autocomplete: "off", autofocus: "" });
    const form = make("form", [input], { class: "search-form", role: "search", action: base });
    const status = make("p", [], { class: "search-status", role: "status" });
    const list = make("ol", [], { class: "search-results" });
    dialog = make("dialog", [form, status, list], { class: "search-dialog", "aria-label": "Search" });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    attach(form, list, status, base, { onEscape: () => dialog.close() });
  }
  if (!dialog.open) dialog.showModal();
}
