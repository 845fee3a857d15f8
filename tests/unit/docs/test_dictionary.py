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


def test_every_key_says_what_it_names() -> None:
    """A column of keys is what its table is told apart by, or what others name, or says whose rows it names."""
    models = [
        model
        for file in sorted(MARTS.glob("*.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    ]
    columns = {(model["name"], column["name"]): column for model in models for column in model["columns"]}
    own = {(model["name"], key) for model in models for rule in model["constraints"] for key in rule["columns"]}
    names = {
        place: tuple(told.split("."))
        for place, column in columns.items()
        if (told := column.get("config", {}).get("meta", {}).get("references")) is not None
    }
    assert len(names) > 80
    assert set(names.values()) <= set(columns)
    # What it names is a seed, and not published.
    apart = {("dim_unit", "territory_key")}
    silent = {place for place in columns if place[1].endswith("_key")} - own - set(names) - set(names.values())
    assert silent == apart
