"""The data dictionary and the exposures against the models.

Belongs here: that the page is the models' own words, and that nothing is published unnamed. Does not: what the words say.
"""

from __future__ import annotations

import re

import yaml

from orchestration.dictionary import MARTS, PAGE, dictionary


def test_the_page_is_what_the_models_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(), "make dictionary writes it anew"


def test_every_published_table_stands_in_it_once() -> None:
    tables = [file.stem for file in MARTS.glob("*.sql")]
    assert len(tables) > 35
    assert sorted(re.findall(r"^### (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) == sorted(tables)


def test_every_column_is_described() -> None:
    for file in MARTS.glob("*.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            for column in model["columns"]:
                assert len(column.get("description", "")) > 3, f"{model['name']}.{column['name']}"


def test_nothing_is_published_that_no_exposure_names() -> None:
    exposures = yaml.safe_load((MARTS.parent / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    named = [re.findall(r"ref\('(\w+)'\)", told)[0] for exposure in exposures for told in exposure["depends_on"]]
    assert sorted(named) == sorted(file.stem for file in MARTS.glob("*.sql"))
