// Runs before anything else on a page and notes what happens on it.
const watched = { shift: 0, shifted: [], violations: [], theme: undefined };
Object.defineProperty(window, "watched", { value: watched });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    watched.shift += entry.value;
    for (const { node } of entry.sources) watched.shifted.push(node?.outerHTML?.slice(0, 80) ?? String(node?.data));
  }
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => {
  watched.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`.trim());
});
// The theme when the first part of the body is there to be painted.
new MutationObserver((_, observer) => {
  if (!document.body) return;
  watched.theme = document.documentElement.dataset.theme ?? null;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
