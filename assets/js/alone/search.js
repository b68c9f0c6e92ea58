// Full-text search. Its files, and the rule for words, are those of builder/compose/search*.py.
const CJK = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const WORD = new RegExp(`(?:(?![${CJK}])[\\p{L}\\p{N}]){2,}|[${CJK}]`, "gu");
const LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.,;:!?";

const wordsOf = (text) =>
  text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().match(WORD) ?? [];

const isAscii = (text) => /^[ -~]*$/.test(text);
const hex = (letter) => letter.codePointAt(0).toString(16);

// The file of a word, by its first two letters; a large one is parted by the third.
function fileOf(word, names) {
  const [first, second = "", third = "_"] = word;
  const begin = first + second;
  const name = isAscii(begin) ? begin : ["x", ...Array.from(begin, hex)].join("-");
  return [name, `${name}-${isAscii(third) ? third : hex(third)}`].find((each) => names.has(each));
}

// Whether one letter more, less or other makes the words equal, or two exchanged.
function isNear(a, b) {
  if (a.length < b.length) [a, b] = [b, a];
  let i = 0;
  while (i < b.length && a[i] === b[i]) i++;
  const rest = a.slice(i + 1);
  if (a.length > b.length) return rest === b.slice(i);
  const isSwapped = a[i] === b[i + 1] && a[i + 1] === b[i];
  return rest === b.slice(i + 1) || (isSwapped && rest.slice(1) === b.slice(i + 2));
}

// Calls `take(post, section, impact)` for each place of a group.
function eachPlace(code, take) {
  let post = 0;
  for (const [at, number, levels] of code.matchAll(/(\d+)(\D+)/g)) {
    post = post ? post - number : +number;
    let section = -1;
    for (const level of levels) {
      const value = LEVELS.indexOf(level);
      section += level === "~" ? 4 : 1 + Math.floor(value / 15);
      if (value >= 0) take(post, section, value % 15 + 1);
    }
  }
}

// Answers questions from the files below `base`.
export function openIndex(base) {
  const kept = new Map();
  let meta;
  const read = async (name, query, options) => {
    const answer = await fetch(`${base}${name}.json${query}`, options);
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  };
  const get = (name) => {
    if (!kept.has(name)) {
      kept.set(name, read(name, `?v=${meta.version}`));
      kept.get(name).catch(() => kept.delete(name));
    }
    return kept.get(name);
  };
  const groupsOf = async (word) => {
    const name = fileOf(word, meta.names);
    return Object.values(name ? await get(name) : {}).map((text) => {
      const [forms, code] = text.split("|");
      return { forms: forms.split(" ").map((form) => form.split(":")[0]), code };
    });
  };

  // The nearest word, of those in most posts: from the same file, or from lists of all words.
  const mend = async (word, groups) => {
    const near = (all) => all.flatMap(({ forms, code }) =>
      forms.filter((form) => isNear(form, word)).map((form) => ({ form, forms, code })));
    let found = near(groups);
    if (!found.length) {
      const names = [-1, 0, 1].map((more) => `words-${[...word].length + more}`);
      const lists = await Promise.all(names.filter((name) => meta.names.has(name)).map(get));
      const forms = lists.join(" ").split(" ").filter((form) => isNear(form, word));
      found = near((await Promise.all(forms.slice(0, 5).map(groupsOf))).flat());
    }
    return found.sort((a, b) => b.code.length - a.code.length)[0];
  };

  // What a word means: posts, with the best impact by section. The last word may be unfinished.
  const lookUp = async (word, isLast) => {
    const groups = await groupsOf(word);
    const found = [];
    for (const group of groups) {
      const begins = isLast && group.forms.some((form) => form.startsWith(word));
      const weight = group.forms.includes(word) ? 1 : begins ? 0.7 : 0;
      if (weight) found.push({ ...group, weight });
    }
    const mended = found.length || word.length < 4 ? null : await mend(word, groups);
    if (mended) found.push({ ...mended, weight: 1 });
    const posts = new Map();
    for (const { code, weight } of found) {
      eachPlace(code, (post, section, impact) => {
        if (!posts.has(post)) posts.set(post, new Map());
        const sections = posts.get(post);
        sections.set(section, Math.max(sections.get(section) ?? 0, impact * weight));
      });
    }
    return { word: mended?.form ?? word, forms: found.flatMap(({ forms }) => forms), posts };
  };

  // Posts with as many of the words as any has. A word counts by its best section and a little by
  // all; the section that is best for all words counts again, and is the one linked to.
  const rank = (words) => {
    const entries = new Map();
    for (const { posts } of words) {
      const rarity = Math.log(1 + meta.posts / posts.size);
      for (const [post, sections] of posts) {
        const entry = entries.get(post) ?? { post, words: 0, score: 0, sections: new Map() };
        entries.set(post, entry);
        entry.words += 1;
        entry.score += rarity * Math.max(...sections.values());
        for (const [section, impact] of sections) {
          entry.score += rarity * impact / 100;
          entry.sections.set(section, (entry.sections.get(section) ?? 0) + rarity * impact);
        }
      }
    }
    const most = Math.max(...[...entries.values()].map((entry) => entry.words));
    const ranked = [...entries.values()].filter((entry) => entry.words === most);
    for (const entry of ranked) {
      const best = Math.max(...entry.sections.values());
      entry.score += best;
      entry.section = Math.min(...[...entry.sections].filter((each) => each[1] === best).map((each) => each[0]));
    }
    return ranked.sort((a, b) => b.score - a.score || b.post - a.post);
  };

  const tell = async ({ post, section }) => {
    const posts = await get(`posts-${Math.floor(post / meta.chunk)}`);
    const [title, href, day, excerpt, headings] = posts[post % meta.chunk];
    if (!section) return { title, href, day, excerpt };
    const [id, heading] = headings[section - 1];
    return { title: `${title} › ${heading}`, href: `${href}#${encodeURIComponent(id)}`, day, excerpt };
  };

  // How many posts, the ten best, all words looked for, and the question if it had to be mended.
  return async (question) => {
    if (!meta) {
      const file = await read("meta", "", { cache: "no-cache" });
      meta = { ...file, names: new Set(file.files.split(" ")) };
    }
    const asked = [...new Set(wordsOf(question))].slice(0, 8);
    const words = await Promise.all(asked.map((word, place) => lookUp(word, place === asked.length - 1)));
    const ranked = rank(words);
    const understood = words.map(({ word }) => word).join(" ");
    return {
      count: ranked.length,
      results: await Promise.all(ranked.slice(0, 10).map(tell)),
      forms: new Set(words.flatMap(({ forms }) => forms)),
      mended: understood === asked.join(" ") ? "" : understood,
    };
  };
}

function make(name, attributes, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

const MONTHS = (
  "January February March April May June July August September October November December"
).split(" ");

// As the pages have it, in English whatever language they are in: 17 April 2026.
function inWords(day) {
  const [year, month, number] = day.split("-").map(Number);
  return `${number} ${MONTHS[month - 1]} ${year}`;
}

function item({ title, href, day, excerpt }, forms) {
  const marked = (text) => text.split(/([\p{L}\p{N}\p{M}]+)/u).map((part) =>
    wordsOf(part).some((word) => forms.has(word)) ? make("mark", {}, part) : part);
  const link = make("a", { href }, make("span", { class: "search-title" }, ...marked(title)));
  return make("li", {}, link, make("time", { datetime: day }, inWords(day)), make("p", {}, ...marked(excerpt)));
}

// Make a form search as one types. It stands beside its list, in one element.
// On the search page, `isPage`, the address says what is looked for.
export function attach(form, list, status, base, { isPage = false, onEscape = () => {} } = {}) {
  const input = form.elements.q;
  const ask = openIndex(base ?? form.dataset.index);
  let number = 0;
  let timer;
  const show = (results, words) => {
    list.replaceChildren(...results);
    status.textContent = words;
  };
  const search = async () => {
    clearTimeout(timer);
    const own = ++number;
    const question = input.value.trim();
    if (isPage) {
      const address = question ? `?q=${encodeURIComponent(question)}` : location.pathname;
      history.replaceState(history.state, "", address);
    }
    if (!wordsOf(question).length) return show([], "");
    try {
      const { count, results, forms, mended } = await ask(question);
      if (own !== number) return;
      const words = count ? `${count} result${count > 1 ? "s" : ""}` : `No result for ${question}`;
      show(results.map((result) => item(result, forms)), mended ? `Did you mean: ${mended} (${words})` : words);
    } catch {
      if (own === number) show([], "The search cannot be reached");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 80);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await search();
    list.querySelector("a")?.click();
  });
  form.parentElement.addEventListener("keydown", (event) => {
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) stops.at((at + step) % stops.length).focus();
    else if (event.key !== "Escape") return;
    else if (!input.value) onEscape();
    else {
      input.value = "";
      input.focus();
      search();
    }
    event.preventDefault();
  });
  if (isPage) input.value = new URLSearchParams(location.search).get("q") ?? input.value;
  if (input.value) search();
}

let dialog;

// Show the search above the page. Closing gives the focus back, as with every dialog.
export function openDialog(base) {
  if (!dialog) {
    const kind = { type: "search", name: "q", autocomplete: "off", autofocus: "", "aria-label": "Search" };
    const input = make("input", kind);
    const form = make("form", { class: "search-form", role: "search", action: base }, input);
    const status = make("p", { class: "search-status", role: "status" });
    const list = make("ol", { class: "search-results" });
    dialog = make("dialog", { class: "search-dialog", "aria-label": "Search" }, form, status, list);
    // A result may be further down on this page.
    dialog.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
    document.body.append(dialog);
    attach(form, list, status, base, { onEscape: () => dialog.close() });
  }
  if (!dialog.open) dialog.showModal();
}
