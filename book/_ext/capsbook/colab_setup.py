# Set-up, silent. In Colab it installs the package and leaves torch alone.
import importlib.util
import subprocess
import sys
from importlib.metadata import version

REPOSITORY = ""  # filled in where the book is published
found = importlib.util.find_spec("capsnet_tutorial")
if found is None or found.origin is None:  # absent, or only a folder's name
    if not REPOSITORY:
        hint = "run `pip install .` in the folder of the book first"
        raise ModuleNotFoundError(hint)
    keep = [f"{name}=={version(name)}" for name in ("torch", "torchvision")]
    pip = [sys.executable, "-m", "pip", "install", "-qq"]
    subprocess.run([*pip, f"git+{REPOSITORY}", *keep], check=True)
    importlib.invalidate_caches()
