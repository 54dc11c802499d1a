"""Which browser that was, in words: from the name it gives itself, which nobody need believe."""

# The order matters: most of them claim to be the others too.
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def say_browser(named: str) -> str:
    """`Chrome on Windows`; `A browser` when it says nothing we know."""
    program = next((said for sign, said in _PROGRAMS if sign in named), "A browser")
    machine = next((said for sign, said in _MACHINES if sign in named), "")
    return f"{program} on {machine}" if machine else program
