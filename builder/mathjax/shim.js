// Drives the unmodified MathJax 3 component files in a bare JavaScript engine:
// no DOM, no timers, no network. An expression: called with the names of the
// TeX packages, it gives the object that Python talks to, in JSON both ways.
(packages) => {
  const {mathjax} = MathJax._.mathjax;
  const {TeX} = MathJax._.input.tex_ts;
  const {SVG} = MathJax._.output.svg_ts;
  const {TeXFont} = MathJax._.output.svg.fonts.tex_ts;
  const {SVGmtable} = MathJax._.output.svg.Wrappers.mtable;
  const {SVGmaction} = MathJax._.output.svg.Wrappers.maction;
  const {SerializedMmlVisitor} = MathJax._.core.MmlTree.SerializedMmlVisitor;
  const {MapHandler} = MathJax._.input.tex.MapHandler;
  const {Macro} = MathJax._.input.tex.Symbol;
  const ParseUtil = MathJax._.input.tex.ParseUtil.default;
  const adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
  MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor);

  // The width that \multline, \flalign and other tables "as wide as the page"
  // get: the picture's size has to be known before the page's is.
  const LINE_WIDTH_EM = 30;
  const PX_PER_EM = 16;
  const X_HEIGHT_EM = 0.442;

  let tex = null;        // MathJax's TeX input, with the definitions of one scope
  let page = null;       // its MathDocument
  let source = '';       // the formula being read
  let seen = null;       // what that formula did besides being drawn
  let given = {};        // name -> {tag, anchor} of the labels it may refer to

  // ---- Input: places in the source, labels, references, definitions

  class Failure extends Error {}

  // The end of what the outermost parser has read, stepped back over the
  // command or the character that it read last. While a macro is being expanded
  // the parser's text is "expansion + rest": only the rest is still the source.
  function place() {
    const parsers = tex.parseOptions.parsers;
    const outer = parsers[parsers.length - 1];
    if (!outer) return 0;
    const text = outer.string;
    let shared = 0;
    while (shared < Math.min(text.length, source.length) &&
           text[text.length - 1 - shared] === source[source.length - 1 - shared]) shared++;
    const end = source.length - Math.min(shared, text.length - outer.i);
    const read = source.slice(0, end);
    const command = /\\(?:(?:begin|end)\s*\{[^{}]*\}|[a-zA-Z]+|[^a-zA-Z])\s*$/.exec(read);
    const start = command ? command.index : Math.max(0, read.trimEnd().length - 1);
    return [...source.slice(0, start)].length;    // in code points, as Python counts
  }

  function wrapCommands(mapName, names, wrap) {
    const map = MapHandler.getMap(mapName);
    for (const name of names) {
      const macro = map.lookup(name);
      map.add(name, new Macro(macro.symbol, wrap(macro.func), macro.args));
    }
  }

  const labelling = (original) => (parser, ...rest) => {
    const offset = place();
    const {labels, allLabels} = parser.tags;
    for (const names of [labels, allLabels]) Object.setPrototypeOf(names, null);   // "toString"
    original(parser, ...rest);
    if (parser.tags.label) seen.offsets[parser.tags.label] = offset;
  };

  // Replaces MathJax's own: the labels of the whole post come with the request.
  const referring = () => (parser, name, isEquation) => {
    const offset = place();
    const label = parser.GetArgument(name);
    seen.references.push([label, offset]);
    const {tag, anchor} = Object.hasOwn(given, label) ? given[label] : {tag: '', anchor: ''};
    const text = isEquation ? parser.tags.formatTag(tag) : tag;
    const content = ParseUtil.internalMath(parser, text);
    parser.Push(parser.create('node', 'mrow', content, {href: '#' + anchor}));
  };

  const defining = (original) => (parser, ...rest) => {
    seen.isDefinition = true;
    return original(parser, ...rest);
  };

  // MathJax's \unicode remembers the font of a character for ever; then what a
  // post looks like would depend on the posts before it.
  const forgetting = (original) => (parser, name, ...rest) => {
    if (parser.GetNext() === '[') return original(parser, name, ...rest);
    const number = ParseUtil.trimSpaces(parser.GetArgument(name)).replace(/^0?x/, '0x');
    if (!/^(0x[0-9A-Fa-f]+|[0-9]+)$/.test(number) || Number(number) > 0x10FFFF) {
      throw new (MathJax._.input.tex.TexError.default)(
        'BadUnicode', 'Argument to \\unicode must be a number');
    }
    const variant = parser.stack.env.font;
    parser.Push(parser.create('token', 'mtext', variant ? {mathvariant: variant} : {},
                              String.fromCodePoint(Number(number))));
  };

  wrapCommands('macros', ['label'], labelling);
  wrapCommands('macros', ['ref'], referring);
  wrapCommands('AMSmath-macros', ['eqref'], referring);
  wrapCommands('text-macros', ['ref', 'eqref'], referring);
  wrapCommands('mathtools-macros', ['refeq'], referring);
  wrapCommands('unicode', ['unicode'], forgetting);
  wrapCommands('Newcommand-macros', ['newcommand', 'renewcommand', 'newenvironment',
    'renewenvironment', 'def', 'let'], defining);
  wrapCommands('AMSmath-macros', ['DeclareMathOperator'], defining);
  wrapCommands('color', ['definecolor'], defining);
  wrapCommands('extpfeil', ['Newextarrow'], defining);
  wrapCommands('mathtools-macros', ['DeclarePairedDelimiter', 'DeclarePairedDelimiterX',
    'DeclarePairedDelimiterXPP', 'DeclarePairedDelimiters', 'DeclarePairedDelimitersX',
    'DeclarePairedDelimitersXPP', 'newtagform', 'renewtagform', 'usetagform',
    'mathtoolsset'], defining);

  const isSafeLink = (url) => /^(https?:|mailto:|[^:]*$|[^:]*[/?#])/i.test(url.replace(/[\0-\x20]/g, ''));

  // A formula may stand in a page more than once, so it carries no ids; links
  // lead somewhere and run nothing; a \rule has the colour of the text.
  function clean(node) {
    const attributes = node.attributes && node.attributes.getAllAttributes();
    if (!attributes) return;
    delete attributes.id;
    delete attributes.class;
    if ('href' in attributes && !isSafeLink(String(attributes.href))) delete attributes.href;
    if (node.isKind('mspace') && attributes.mathbackground === 'black') {
      attributes.mathbackground = 'currentColor';
    }
  }

  function compile({tex: text, isDisplay}) {
    source = text;
    seen = {offsets: Object.create(null), references: [], isDefinition: false};
    const metrics = {em: PX_PER_EM, ex: PX_PER_EM * X_HEIGHT_EM, scale: 1,
                     containerWidth: LINE_WIDTH_EM * PX_PER_EM, lineWidth: 1e6};
    const item = {math: text, display: isDisplay, metrics, inputData: {}, outputData: {},
                  start: {}, end: {}};
    item.root = tex.compile(item, page);
    item.root.walkTree(clean);
    return item;
  }

  // ---- Output

  // Tags stand beside the formula, in a picture of their own: MathJax would ask
  // for a picture as wide as the page, whose size nobody knows yet.
  SVGmtable.prototype.topTable = function (_svg, labels) {
    const {drawing} = this.jax;
    adaptor.removeAttribute(labels, 'transform');
    this.place(drawing.tagWidth, 0, labels);
    drawing.tags.push(labels);
    drawing.tagWidth += this.getTableData().L;
  };
  const roomForLabels = SVGmtable.prototype.getBBoxLR;
  SVGmtable.prototype.getBBoxLR = function () {
    return this.isTop ? [0, 0] : roomForLabels.call(this);
  };
  // Toggles and tooltips need a script on the page.
  SVGmaction.actions.clear();

  class Drawing extends SVG {
    processMath(root) {
      const wrapper = this.factory.wrap(root);
      const {w, h, d} = wrapper.getOuterBBox();
      const group = this.svg('g');
      this.drawing = {group, width: w, height: h, depth: d, tags: [], tagWidth: 0};
      wrapper.toSVG(group);
    }
  }
  const output = new Drawing({fontCache: 'none', font: new TeXFont()});

  const escape = (text) => String(text)
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
  const attribute = (name, value) => ' ' + name + '="' + escape(value) + '"';
  const isSafePaint = (value) => /^[#\w.,%()\s-]+$/.test(value) && !/url/i.test(value);

  const ELEMENTS = new Set(['svg', 'g', 'a', 'path', 'rect', 'line', 'polygon', 'polyline',
    'ellipse', 'circle', 'text']);
  const ATTRIBUTES = new Set(['x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry',
    'width', 'height', 'd', 'points', 'transform', 'viewBox', 'preserveAspectRatio', 'stroke-width',
    'stroke-linecap', 'stroke-linejoin', 'stroke-dasharray', 'font-size', 'font-family',
    'font-style', 'font-weight', 'pointer-events']);
  const PAINTS = new Set(['fill', 'stroke']);

  // What MathJax says in its stylesheet or in style attributes, as attributes.
  function unstyled(node) {
    const attributes = {...node.attributes};
    const width = /stroke-width:\s*([\d.]+)/.exec(attributes.style || '');
    if (width) attributes['stroke-width'] = width[1];
    if (attributes['data-line'] || attributes['data-frame']) {
      const style = attributes.class || '';
      attributes.fill = 'none';
      attributes['stroke-width'] = attributes['stroke-thickness'] || '70';
      if (/dashed/.test(style)) attributes['stroke-dasharray'] ||= '140';
      if (/dotted/.test(style)) {
        attributes['stroke-dasharray'] ||= '0,140';
        attributes['stroke-linecap'] = 'round';
      }
    }
    return attributes;
  }

  function attributesOf(node) {
    let text = '';
    for (const [name, value] of Object.entries(unstyled(node))) {
      const isKept = PAINTS.has(name) ? isSafePaint(value) : ATTRIBUTES.has(name);
      if (isKept) text += attribute(name, value);
    }
    return text;
  }

  // A glyph becomes <use href="#n"/>, n its outline's place in `outlines`.
  function serialize(node, outlines) {
    if (node.kind === '#text') return escape(node.value);
    if (!ELEMENTS.has(node.kind)) return '';
    const inside = node.children.map((child) => serialize(child, outlines)).join('');
    if (node.kind === 'a') {
      // Out of the tab order: the picture is hidden from assistive technology,
      // and the MathML beside it has the link too.
      return '<a' + attribute('href', node.attributes.href) + ' tabindex="-1">' + inside + '</a>';
    }
    const attributes = attributesOf(node);
    if (node.kind === 'path' && node.attributes['data-c']) {
      const {d, transform} = node.attributes;
      if (!d) return '';
      if (!outlines.includes(d)) outlines.push(d);
      const moved = transform ? attribute('transform', transform) : '';
      return '<use href="#' + outlines.indexOf(d) + '"' + moved + '/>';
    }
    if (node.kind === 'g') return group(attributes, inside);
    const end = inside ? '>' + inside + '</' + node.kind + '>' : '/>';
    return '<' + node.kind + attributes + end;
  }

  // Groups that carry nothing go; one that only moves a single glyph moves into it.
  function group(attributes, inside) {
    if (!inside || !attributes) return inside;
    const moved = /^ transform="([^"]*)"$/.exec(attributes);
    const glyph = /^<use href="([^"]*)"(?: transform="([^"]*)")?\/>$/.exec(inside);
    if (!moved || !glyph) return '<g' + attributes + '>' + inside + '</g>';
    const transform = glyph[2] ? moved[1] + ' ' + glyph[2] : moved[1];
    return '<use href="' + glyph[1] + '" transform="' + transform + '"/>';
  }

  function draw(item) {
    output.toDOM(item, adaptor.node('div'), page);
    const {group: root, width, height, depth, tags, tagWidth} = output.drawing;
    const outlines = [];
    return {
      body: serialize(root, outlines), width, height, depth,
      tag: tags.map((labels) => serialize(labels, outlines)).join(''), tag_width: tagWidth,
      outlines,
    };
  }

  // ---- MathML, as the visitor of MathJax writes it but for spaces and names

  const VARIANTS = SerializedMmlVisitor.variants;
  const UNWANTED = /^(id|class|style|xmlns|src|alt.*|on.*|.*-.*)$/;

  function mathml(node) {
    if (node.isKind('text')) return escape(node.getText());
    if (node.isKind('XML')) return '';
    const inside = (node.childNodes || []).map(mathml).join('');
    if (node.isInferred) return inside;
    const kind = node.isKind('TeXAtom') ? 'mrow' : node.kind;
    let attributes = '';
    for (const [name, value] of Object.entries(node.attributes.getAllAttributes())) {
      if (UNWANTED.test(name) || value === undefined || value === '') continue;
      if (/color|background/.test(name) && !isSafePaint(String(value))) continue;
      attributes += attribute(name, name === 'mathvariant' ? VARIANTS[value] || value : value);
    }
    return '<' + kind + attributes + '>' + inside + '</' + kind + '>';
  }

  // What a formula may say behind a backslash, macros of the author's among them.
  function commandNames() {
    const {handlers} = tex.parseOptions;
    const maps = ['macro', 'delimiter'].flatMap(
      (kind) => [...handlers.get(kind)._configuration].map(({item}) => item.map));
    const names = maps.flatMap((map) => (map ? [...map.keys()] : []));
    return names.map((name) => name.replace(/^\\/, '')).filter((name) => /^[a-zA-Z]+$/.test(name));
  }

  // ---- What Python calls

  const commands = {
    open: ({macros}) => {
      tex = new TeX({
        packages, tags: 'ams', maxMacros: 10000, maxBuffer: 100 * 1024,
        // All packages are there from the start, so \require has nothing to do.
        macros: {require: ['', 1], bm: ['\\boldsymbol{#1}', 1], ...macros},
        formatError: (_jax, error) => { throw new Failure(error.message.replace(/\n.*/s, '')); },
      });
      page = mathjax.document('', {InputJax: tex, OutputJax: output});
      return {};
    },

    // labels: null on the first pass, when a formula that refers is not drawn yet.
    typeset: ({formula, counter, labels}) => {
      const {tags} = tex.parseOptions;
      tags.reset(counter);
      given = labels || {};
      try {
        const item = compile(formula);
        const {references, isDefinition, offsets} = seen;
        const isWaiting = labels === null && references.length > 0;
        return {
          numbersUsed: tags.allCounter - counter, references, isDefinition,
          labels: Object.entries(tags.allLabels).map(
            ([name, {id, tag}]) => [name, id ? tag : null, offsets[name] || 0]),
          mathml: isWaiting ? '' : mathml(item.root),
          drawing: isWaiting ? null : draw(item),
        };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return {
          error: error.message, offset: place(), isDefinition: seen.isDefinition,
          known: /^Undefined control sequence/.test(error.message) ? commandNames() : [],
        };
      }
    },
  };
  return (name, request) => JSON.stringify(commands[name](JSON.parse(request)));
}
