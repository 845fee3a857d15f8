"""Contract files: what comes with the program holds together, and what does not hold is named by file and entry."""

from __future__ import annotations

import re

import pytest
import yaml

from contracts.failures import ContractError
from extractors.catalogue import BUILT_IN, load_contract, load_contracts


def test_the_built_in_contracts_say_everything():
    contracts = load_contracts()
    assert {"boston311", "cartas", "centre", "decisions", "one_stop", "portal", "provincial"} <= set(contracts)
    for source in contracts.values():
        assert source.owner
        assert source.cadence
        assert source.licence
        assert source.credit
        for stream in source.streams:
            assert stream.meaning
            assert all(field.meaning for field in stream.fields)
            # A kind of its own, or the pseudonyms of one person in two systems could not be told to be the same.
            assert all(field.personal_kind != "other" for field in stream.personal_fields)


#: What may name or reach a person, in the words of the sources.
PERSONAL = re.compile(
    r"họ tên|cccd|cmnd|điện thoại|email|địa chỉ|chuhoso|giayto|dienthoai|applicant_name|applicant_identity",
    re.IGNORECASE,
)


def test_fields_that_name_people_are_personal():
    fields = [field for source in load_contracts().values() for stream in source.streams for field in stream.fields]
    suspects = [field for field in fields if PERSONAL.search(f"{field.name} {field.column}")]
    assert len(suspects) >= 9
    assert [field.name for field in suspects if not field.personal] == []


@pytest.fixture
def changed(tmp_path):
    """Writes Boston's contract with a change made to its entries."""

    def write(change):
        entries = yaml.safe_load((BUILT_IN / "boston311.yml").read_text("utf-8"))
        change(entries, entries["streams"][0])
        file = tmp_path / "mine.yml"
        file.write_text(yaml.safe_dump(entries), "utf-8")
        return file

    return write


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda source, stream: source.update(zone="Boston"), "zone: 'Boston' is no IANA time zone"),
        (lambda source, stream: source.update(colour="red"), "colour: Extra inputs"),
        (lambda source, stream: source.pop("owner"), "owner: Field required"),
        (lambda source, stream: source.update(streams=[]), "streams:"),
        (lambda source, stream: source["streams"].append(stream), "a stream is named twice"),
        (lambda source, stream: stream["fields"].append({"name": "TYPE"}), "streams.case: case: a field is named twice"),
        (lambda source, stream: stream["fields"].append({"name": "type"}), "two fields would land in one column"),
        (lambda source, stream: stream["fields"][0].update(type="txt"), "streams.case.fields.CASE_ENQUIRY_ID.type"),
        (lambda source, stream: stream["fields"][0].update(required=False), "must be a required field"),
        (lambda source, stream: stream["fields"][1].update(format=None), "needs a `format`"),
        (lambda source, stream: stream["fields"][1].update(format="%Q"), "fields.OPEN_DT: format '%Q': %Q is not understood"),
        (lambda source, stream: stream["fields"][1].update(enumeration=["x"]), "only a text field"),
        (lambda source, stream: stream.update(version={"by": "field", "field": "TYPE"}), "must be an instant"),
        (lambda source, stream: stream.update(version={"by": "file_name", "pattern": "x"}), "version: the version pattern"),
        (lambda source, stream: stream.update(version={"by": "file_name", "pattern": "(?P<date>"}), "no regular expression"),
        (lambda source, stream: stream.update(files="../other/*.csv"), "must be a pattern below"),
        (lambda source, stream: stream["fields"][4].update(enumeration=[]), "would admit no value"),
        (lambda source, stream: stream["fields"][4].update(true_values=["false"]), "nothing in common"),
        (lambda source, stream: stream.update(layout={"kind": "parchment"}), "streams.case.layout"),
        (lambda source, stream: stream["layout"].update(delimiter=";;"), "streams.case.layout.delimiter"),
        (lambda source, stream: stream["layout"].update(delimiter="ß"), "one ASCII character"),
        (lambda source, stream: stream["layout"].update(quote=","), "delimiter and quote are both"),
        (lambda source, stream: stream["layout"].update(encoding="klingon"), "'klingon' is no text encoding"),
        (lambda source, stream: stream["layout"].update(encoding="base64"), "not into text"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named(changed, change, words):
    file = changed(change)
    with pytest.raises(ContractError) as caught:
        load_contract(file)
    assert caught.value.message.startswith(str(file))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"name: a\nname: b\n", "the key 'name' is given twice"),
        (b"name: [\n", "no valid YAML"),
        (b"- a\n", "holds no entries"),
        (b"", "holds no entries"),
        (b"name: \xff\n", "not UTF-8"),
        (b"name: !!python/object/apply:os.system [ls]\n", "no valid YAML"),
    ],
)
def test_files_that_are_no_contract(tmp_path, data, words):
    file = tmp_path / "x.yml"
    file.write_bytes(data)
    with pytest.raises(ContractError) as caught:
        load_contract(file)
    assert words in caught.value.message
    assert "x.yml" in caught.value.message


def test_folders(tmp_path, changed):
    with pytest.raises(ContractError, match="cannot be read"):
        load_contract(tmp_path / "none.yml")
    with pytest.raises(ContractError, match="no folder"):
        load_contracts(tmp_path / "none")
    with pytest.raises(ContractError, match="holds no contract"):
        load_contracts(tmp_path)
    one = changed(lambda source, stream: None)
    assert list(load_contracts(tmp_path)) == ["boston311"]
    (tmp_path / "other.yaml").write_bytes(one.read_bytes())
    with pytest.raises(ContractError, match=r"mine\.yml and other\.yaml are both named 'boston311'"):
        load_contracts(tmp_path)
