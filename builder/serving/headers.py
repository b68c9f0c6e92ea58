"""The site's own `_headers`, as hosts read it: pages are tried under the policy they will have."""

import re

Rules = tuple[tuple[str, dict[str, str]], ...]


def read_headers(text: str) -> Rules:
    """Read a `_headers` file: paths at the margin, `Name: value` indented below them."""
    rules: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            rules.append((line.strip(), {}))
        elif rules:
            name, _, value = line.partition(":")
            rules[-1][1][name.strip()] = value.strip()
    return tuple(rules)


def headers_for(address: str, rules: Rules) -> dict[str, str]:
    """Every header of every path that fits; one that is given twice has both values."""
    found: dict[str, str] = {}
    for path, headers in rules:
        pattern = re.sub(r":\w+", "[^/]+", re.escape(path).replace(r"\*", ".*"))
        if re.fullmatch(pattern, address):
            for name, value in headers.items():
                found[name] = f"{found[name]}, {value}" if name in found else value
    return found
