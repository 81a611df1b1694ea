"""What a message says of files, told to people who do not know this machine: relative to what they sent."""

import re
from pathlib import Path

_COPIES = r"(?:uploads/[0-9a-f]{32}/source|sources/[0-9a-f]{32}/files)"


def hide_places(text: str, data: Path, source: Path | None = None) -> str:
    """A message without the places of this machine.

    Args:
        text: The message.
        data: The data folder: what was uploaded, unpacked or fetched is said as the sender called it.
        source: A folder or file of this machine that was read: said by its own name, without the folders above.
    """
    for folder in dict.fromkeys((str(data.resolve()), str(data))):
        copy = f"{re.escape(folder)}/{_COPIES}"
        text = re.sub(f"{copy}(?![/\\w.-])", "the source", re.sub(f"{copy}/", "", text))
        text = text.replace(f"{folder}/", "")
    if source is not None:
        for above in dict.fromkeys((str(source.resolve().parent), str(source.parent))):
            if above not in (".", "/"):
                text = text.replace(f"{above}/", "")
    return text
