"""Writes the script of every case of tests/language as a file of its own: seeds for the fuzz targets.
Usage: language_seeds.py CASES.jsonl FOLDER"""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for number, line in enumerate(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines(), 1):
    (folder / f"case{number:03}").write_text(json.loads(line)["script"], encoding="utf-8")
