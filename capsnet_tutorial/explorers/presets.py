"""stub"""
import base64, json, re
from functools import cache
from pathlib import Path
import numpy as np, torch
@cache
def preset_digits():
    text = (Path(__file__).parent / "digits.js").read_text()
    data = json.loads(re.search(r"= (\[.*\]);", text)[1])
    return torch.tensor(np.stack([np.frombuffer(base64.b64decode(d), np.uint8) for _, d in data])).reshape(-1,1,28,28).float()/255
