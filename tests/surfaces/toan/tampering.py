"""Tokens with one part changed."""


def tampered(token: str, part: int) -> str:
    """Change one character in the middle of a part of a compact token."""
    parts = token.split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    return ".".join(parts)
