"""`motcua evidence`, `motcua verify`: all that proves a release in one folder, and checking such a folder.

Belongs here: options and exit codes. Does not: making packs (orchestration/packing), checking them (reporting/evidence).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from orchestration.cli.run import Lines
from reporting.forms import Form

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def evidence(
    release_id: Annotated[int, typer.Argument(metavar="RELEASE", help="A kept release, by its number.")],
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder that is not there yet, or empty.")],
    quiet: Quiet = False,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Put all that proves a release in one folder: its signed manifest, those of the releases before, its tables.

    Whoever has the public key can check it without this program's database: motcua verify.

    Example:

      motcua evidence 3 --out /backup/release-3
    """
    from orchestration.packing import pack_release
    from orchestration.secrets import signing_key
    from reporting.evidence.keys import signer_of

    display = Lines(quiet=quiet)
    with opened(config, database) as (settings, found):
        signer = signer_of(*signing_key(settings.home))
        try:
            display.stage(f"pack      release {release_id}, table by table")
            with reading(found, release_id) as connection:
                made = pack_release(found, connection, release_id, folder.absolute(), signer, display)
        finally:
            display.end()
    print(f"release {made.release} is packed in {folder}: {made.tables} tables with {made.rows:,} rows")
    print(f"manifest {made.manifest_sha256}, signed with the key {signer.public_key.keyid}")
    earlier = [number for number in made.new if number != release_id]
    if earlier:
        print(f"manifests made now for releases before it: {', '.join(map(str, earlier))}")
    print(f"Check it: motcua verify {folder} --key PUBLIC_KEY")


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `motcua evidence` made.")],
    key: Annotated[
        list[Path],
        typer.Option(
            "--key", metavar="PUBLIC", envvar="MOTCUA_EVIDENCE_PUBLIC_KEY",
            help="The publisher's public key; repeat it where older releases were signed with another.",
        ),
    ],
    manifests: Annotated[
        bool, typer.Option("--manifests", help="Manifest and chain alone, as a release's pages have them (its folder proof).")
    ] = False,
    form: options.Format = Form.table,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Check a pack with nothing but the folder and the public key: signatures, chain, files, and the rows of every table.

    Exit codes: 0 everything is as it was signed, 1 something is not (each by name), 2 wrong usage.

    Example:

      motcua verify /backup/release-3 --key evidence_key.pub

      motcua verify site/release-3/proof --manifests --key evidence_key.pub
    """
    from reporting.evidence import told
    from reporting.evidence.checking import check_manifests, check_pack
    from reporting.evidence.keys import public_key_of

    if form is Form.csv:
        raise UsageError("what checking came to has no CSV form", hint="--format json, or no --format.")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    display = Lines(quiet=quiet)
    try:
        keys = [public_key_of(path.read_bytes(), str(path)) for path in key]
        display.stage(
            "verify    " + ("signatures, chain" if manifests else "signatures, files, chain, then table by table")
        )
        checked = (
            check_manifests(folder, keys)
            if manifests
            else check_pack(folder, keys, lambda table, rows: display.step(table, rows=rows))
        )
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    finally:
        display.end()
    as_text = told.manifests_as_text if manifests else told.as_text
    print(told.as_json(checked) if form is Form.json else as_text(checked, folder))
    if not checked.good:
        raise typer.Exit(1)
