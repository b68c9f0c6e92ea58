"""MathJax while the site is built: TeX in, SVG and MathML out, or an error with its place."""
