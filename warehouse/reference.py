"""The deployment configuration as rows of reference.*, where the models read it.

Belongs here: making the tables equal to the configuration, in one transaction. Does not: reading configuration files.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.deployment import Deployment
from contracts.source import SourceContract
from warehouse.database import Database
from warehouse.expected import store_expected


def store_reference(database: Database, deployment: Deployment, sources: Mapping[str, SourceContract]) -> None:
    """Writes jurisdictions, their policies and cut-offs, and whose each source is; what is no longer configured goes."""
    with database.connect("motcua_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from reference.source")
        cursor.execute("delete from reference.jurisdiction")
        for code, body in deployment.jurisdictions.items():
            cursor.execute(
                "insert into reference.jurisdiction (jurisdiction, name, name_vi, zone, calendar, as_of, default_policy)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                (
                    code,
                    body.name,
                    body.name_vi,
                    body.zone,
                    body.calendar,
                    body.instant(body.as_of),
                    body.default_policy,
                ),
            )
            cursor.executemany(
                "insert into reference.jurisdiction_policy (jurisdiction, policy) values (%s, %s)",
                [(code, policy) for policy in body.policies],
            )
            cursor.executemany(
                "insert into reference.cut_off (jurisdiction, cut_off) values (%s, %s) on conflict do nothing",
                [(code, body.instant(moment)) for moment in body.cut_offs],
            )
        cursor.executemany(
            "insert into reference.source (source, jurisdiction, owner, credit, maximum_age_hours)"
            " values (%s, %s, %s, %s, %s)",
            [
                (
                    name,
                    source.jurisdiction,
                    sources[name].owner,
                    sources[name].credit,
                    sources[name].maximum_age_hours,
                )
                for name, source in deployment.sources.items()
            ],
        )
        store_expected(cursor, deployment, sources)
        cursor.executemany(
            "insert into reference.reported_claim (jurisdiction, claim, who, reported_on, figure, figure_vi, definition,"
            " period_from, period_to, claimed, at_least, place)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    claim.jurisdiction, name, claim.who, claim.reported_on, claim.figure, claim.figure_vi,
                    claim.definition, claim.period_from, claim.period_to, claim.claimed, claim.at_least, place,
                )
                for place, (name, claim) in enumerate(deployment.claims.items(), 1)
            ],
        )  # fmt: skip
