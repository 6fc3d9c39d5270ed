"""The MCPB bundle: the source with its manifest, in a zip that is the same whenever it is made of the same."""

import hashlib
import json
import zipfile
from pathlib import Path

from channels.manifests import ROOT, VERSION, mcpb_manifest

FILES = ("pyproject.toml", "README.md", "LICENSE", "channels/icon.png")
FOLDERS = ("clockodo_mcp", "prompts")
EPOCH = (2020, 1, 1, 0, 0, 0)
"""Of every file in it: when something was built is nobody's business."""


def build(folder: Path) -> tuple[Path, str]:
    """Write the bundle into a folder; its path and its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"clockodo-mcp-{VERSION}.mcpb"
    contents = {"manifest.json": json.dumps(mcpb_manifest(), indent=2, ensure_ascii=False).encode()}
    contents |= {Path(name).name: (ROOT / name).read_bytes() for name in FILES}
    for inside in FOLDERS:
        contents |= {
            one.relative_to(ROOT).as_posix(): one.read_bytes()
            for one in sorted((ROOT / inside).rglob("*"))
            if one.is_file() and "__pycache__" not in one.parts
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(info, content)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()
