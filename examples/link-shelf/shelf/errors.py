"""What can go wrong, in words a person can act on."""


class ShelfError(Exception):
    """Base of all errors the shelf raises on purpose."""


class InvalidLink(ShelfError):
    """The link breaks one or more rules; `problems` names each of them."""

    def __init__(self, problems: list[str]):
        super().__init__("; ".join(problems))
        self.problems = problems


class DuplicateLink(ShelfError):
    """A link with the same normalised URL is on the shelf already."""

    def __init__(self, url: str, existing: int | None):
        known = "twice in one request" if existing is None else f"already stored as {existing}"
        super().__init__(f"{url} is {known}")
        self.existing = existing


class UnknownLink(ShelfError):
    def __init__(self, link_id: int):
        super().__init__(f"there is no link {link_id}")
