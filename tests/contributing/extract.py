"""Cuts the named code blocks (```cpp NAME) out of a Markdown file into a directory: extract.py FILE DIRECTORY"""
import os
import re
import sys

blocks = {}
with open(sys.argv[1]) as f:
    for name, text in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", f.read(), re.M | re.S):
        blocks[name] = blocks.get(name, "") + text
for name, text in blocks.items():
    path = os.path.join(sys.argv[2], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
