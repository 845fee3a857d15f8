"""Secrets: read from the environment or from private files when they are needed, and kept nowhere else.

Belongs here: where each secret comes from. Does not: reading secret files (warehouse/secret_file), what secrets are used for.
No message of this module holds a secret, only the name of the variable or file it was expected in.
"""

from __future__ import annotations

import os
import secrets as random_secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from contracts.deployment import Secret
from contracts.failures import UsageError
from extractors.pseudonyms import Pseudonyms
from warehouse.database import Database
from warehouse.home import Home
from warehouse.pseudonym_key import hold_to_key, noted_fingerprint
from warehouse.secret_file import read_secret_file

KEY_VARIABLE = "MOTCUA_PSEUDONYM_KEY"
KEY_FILE_VARIABLE = "MOTCUA_PSEUDONYM_KEY_FILE"
SIGNING_KEY_VARIABLE = "MOTCUA_EVIDENCE_KEY"
SIGNING_KEY_FILE_VARIABLE = "MOTCUA_EVIDENCE_KEY_FILE"
VERIFYING_KEY_VARIABLE = "MOTCUA_EVIDENCE_PUBLIC_KEY"
#: The pair that `motcua keys init` makes, in the home's private folder; the public half bears the ending too.
SIGNING_KEY = "evidence_key"
PUBLIC_ENDING = ".pub"
_WHERE_THE_KEY_IS = (
    f"Give the key that the runs have: {KEY_VARIABLE}, {KEY_FILE_VARIABLE}, or the file pseudonym_key of their home."
)


def read_secret(name: str, given: Secret, folder: Path) -> str:
    """The secret that an entry of the deployment file (`name`) points to; `folder` is the deployment file's.

    A line end after it is no part of it. Raises UsageError when it is not there, is empty, or lies open to others.
    """
    if given.env is not None:
        value = os.environ.get(given.env, "").rstrip("\r\n")
        if not value:
            raise UsageError(
                f"{name}: the environment variable {given.env} is not set", hint=f"Set it: export {given.env}=…"
            )
        return value
    return read_secret_file(name, folder / Path(given.file or "").expanduser())


def pseudonyms_for(home: Home, database: Database, environ: Mapping[str, str] = os.environ) -> Pseudonyms:
    """The deployment's pseudonyms, held to the key this database knows. Ask only when there are personal fields to read.

    Raises UsageError for a key that cannot be read or is too short, PseudonymKeyChanged for another key than before.
    """
    pseudonyms = pseudonym_key(home, environ)
    hold_to_key(database, pseudonyms.fingerprint)
    return pseudonyms


def pseudonyms_noted(home: Home, database: Database, environ: Mapping[str, str] = os.environ) -> Pseudonyms:
    """The deployment's pseudonyms for reading what has landed under them: no key is made, and none is noted.

    Raises UsageError when the key that this database's records were hashed under is not to be had here.
    """
    own = home.state / "pseudonym_key"
    if not (environ.get(KEY_VARIABLE) or environ.get(KEY_FILE_VARIABLE) or own.exists()):
        raise UsageError("the deployment's pseudonym key is not here", hint=_WHERE_THE_KEY_IS)
    pseudonyms, noted = pseudonym_key(home, environ), noted_fingerprint(database)
    if noted is not None and pseudonyms.fingerprint != noted:
        raise UsageError(
            f"the pseudonym key here has the fingerprint {pseudonyms.fingerprint}, and records landed under {noted}",
            hint=_WHERE_THE_KEY_IS,
        )
    return pseudonyms


def pseudonym_key(home: Home, environ: Mapping[str, str]) -> Pseudonyms:
    """The key of MOTCUA_PSEUDONYM_KEY or of the file MOTCUA_PSEUDONYM_KEY_FILE names, or else the home's own, made once.

    Raises UsageError when both are given, or the key cannot be read or is too short.
    """
    value, file = environ.get(KEY_VARIABLE, "").rstrip("\r\n"), environ.get(KEY_FILE_VARIABLE, "")
    if value and file:
        raise UsageError(f"{KEY_VARIABLE} and {KEY_FILE_VARIABLE} are both set", hint="Give one of them.")
    if file:
        where, value = f"{KEY_FILE_VARIABLE} ({file})", read_secret_file(KEY_FILE_VARIABLE, Path(file).expanduser())
    elif value:
        where = KEY_VARIABLE
    else:
        own = home.state / "pseudonym_key"
        where, value = str(own), _kept_key(own)
    try:
        return Pseudonyms(value.encode())
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}", hint=error.hint) from None


def signing_key(home: Home, environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The private key that evidence is signed with, as PEM text, and where it came from: MOTCUA_EVIDENCE_KEY, the file
    MOTCUA_EVIDENCE_KEY_FILE names, or the home's own. None is made: people must have its public half first.

    Raises UsageError when two are given, none is there, or its file is anybody's but its owner's to read.
    """
    value, file = environ.get(SIGNING_KEY_VARIABLE, "").strip(), environ.get(SIGNING_KEY_FILE_VARIABLE, "")
    if value and file:
        raise UsageError(
            f"{SIGNING_KEY_VARIABLE} and {SIGNING_KEY_FILE_VARIABLE} are both set", hint="Give one of them."
        )
    if value:
        return value, SIGNING_KEY_VARIABLE
    path = Path(file).expanduser() if file else home.state / SIGNING_KEY
    if not file and not path.exists():
        raise UsageError("there is no key to sign evidence with", hint="Make one: motcua keys init")
    private = stat.S_IRWXG | stat.S_IRWXO
    return read_secret_file("the key that evidence is signed with", path, private), str(path)


def verifying_keys(home: Home, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The public keys, as PEM text, that evidence is checked by: of the files that MOTCUA_EVIDENCE_PUBLIC_KEY names, or the
    home's own; none where none is there. Raises UsageError when a named file cannot be read.
    """
    named = environ.get(VERIFYING_KEY_VARIABLE, "")
    own = home.state / (SIGNING_KEY + PUBLIC_ENDING)
    paths = [Path(part).expanduser() for part in named.split(os.pathsep) if part] or ([own] if own.exists() else [])
    try:
        return [path.read_text(encoding="utf-8") for path in paths]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"a public key of evidence cannot be read: {type(error).__name__}", hint=str(paths[0])
        ) from None


def keep_signing_key(private: Path, private_pem: str, public_pem: str) -> Path:
    """Keeps a new pair: the private half for its owner alone, the public half beside it; gives where that is.

    Raises UsageError when either is there already (what was signed with it could not be checked any more), or the
    folder cannot be written.
    """
    public = private.with_name(private.name + PUBLIC_ENDING)
    for path in (private, public):
        if path.exists():
            raise UsageError(
                f"{path} is there already", hint="A key is never replaced: give another folder with --out."
            )
    try:
        private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, content, mode in ((private, private_pem, 0o600), (public, public_pem, 0o644)):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as made:
                made.write(content)
                os.fsync(made.fileno())
    except OSError as error:
        raise UsageError(f"{private.parent} cannot be written: {error.strerror or error}") from error
    return public


def _kept_key(path: Path) -> str:
    """The key in the home, made if missing. Two programs that make it at one moment end up with the same one."""
    if not path.exists():
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".pseudonym_key-")  # made 0600
        try:
            with os.fdopen(descriptor, "w") as made:
                made.write(random_secrets.token_hex(32) + "\n")
                made.flush()
                os.fsync(made.fileno())
            os.link(aside, path)
        except FileExistsError:
            pass  # the other program was first: its key counts
        finally:
            Path(aside).unlink()
    return read_secret_file("the pseudonym key", path)
