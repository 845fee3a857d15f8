"""Running the gate: every check of the suite on the candidates, with Great Expectations, and our own result for each.

Belongs here: the only import of great_expectations. Does not: the rules (suite.yml) or the verdict.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy

from contracts.checks import HOLDS, CheckResult
from expectations.suite import Check, load_suite


def run_gate(url: str, role: str, checks: Iterable[Check] | None = None) -> list[CheckResult]:
    """Runs the checks on the database of the URL, acting as the role; one result a check, in the suite's order.

    A check that crashes gives a failed result that says so; nothing is skipped and nothing raised for a red check.
    """
    suite = list(load_suite() if checks is None else checks)
    address = urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))
    options = {"connect_args": {"options": f"-c role={role} -c timezone=UTC"}}
    validations, crashes = _validate(address, options, suite)
    engine = sqlalchemy.create_engine(address, **options)
    try:
        return [
            _crashed(check, f"crashed: {crashes[check.name]}")
            if check.name in crashes
            else _result(engine, check, validations[check.name])
            for check in suite
        ]
    finally:
        engine.dispose()


def _validate(address: str, options: dict[str, Any], suite: list[Check]) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Great Expectations' results by check, one suite for each table and each query; and what the queries said that crashed."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    # For every table and every batch it would write all of its configuration as YAML, for nobody: this context is never
    # read again. That was a third of the gate's processor time in this process.
    context._save_project_config = _not_kept
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    add = context.data_sources.add_postgres
    tables = add("tables", connection_string=address, kwargs=options)
    # It counts a query's rows and then fetches some: the rows are kept for that, and not looked for twice.
    queries = add("queries", connection_string=address, kwargs=options, create_temp_table=True)
    results: dict[str, list[Any]] = {check.name: [] for check in suite}
    crashes: dict[str, str] = {}
    with ExitStack() as stack:
        # Great Expectations holds two engines a source, and their pooled connections stay open until somebody collects them.
        for source in (tables, queries):
            stack.callback(source.get_engine().dispose)
            stack.callback(source.get_execution_engine().close)
        for name, batch, rules in _batches(gx, tables, queries, suite):
            try:
                _run(gx, batch, name, rules, results)
            except sqlalchemy.exc.DBAPIError as error:
                # A query breaks before there is anything to expect of it, and then it says so here and not in its result.
                said = str(error.orig).strip().splitlines()[0][:300]
                crashes |= {rule.meta["check"]: said for rule in rules}
    return results, crashes


def _not_kept() -> None:
    """In place of writing the configuration."""


def _batches(gx: Any, tables: Any, queries: Any, suite: list[Check]) -> Iterator[tuple[str, Any, list[Any]]]:
    """What is validated together: the rules of one table, or one violation query."""
    for table in sorted({check.table for check in suite if check.table is not None}):
        schema, name = table.split(".")
        asset = tables.add_table_asset(table, table_name=name, schema_name=schema)
        of_table = [check for check in suite if check.table == table]
        rules = [_rule(gx, check, rule.type, rule.arguments) for check in of_table for rule in check.expectations]
        yield table, asset.add_batch_definition_whole_table("all"), rules
    for check in suite:
        if check.breaking is not None:
            query = f"select * from ({check.breaking}) as violations"
            asset = queries.add_query_asset(check.name, query=query)
            rule = _rule(gx, check, "unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch}"})
            yield check.name, asset.add_batch_definition_whole_table("all"), [rule]


def _rule(gx: Any, check: Check, kind: str, arguments: dict[str, Any]) -> Any:
    name = "".join(part.capitalize() for part in kind.split("_"))
    return getattr(gx.expectations, name)(**arguments, meta={"check": check.name})


def _run(gx: Any, batch: Any, name: str, rules: list[Any], results: dict[str, list[Any]]) -> None:
    # What a validation definition runs, without the definition: that would be stored, read again and its results stored too,
    # for nobody. `Batch.validate` reads a batch twice, and so asked every query of a province twice: 39 s instead of 25.
    from great_expectations.validator.v1_validator import Validator

    suite = gx.ExpectationSuite(name=name, expectations=rules)
    validator = Validator(batch_definition=batch, result_format="SUMMARY")
    for outcome in validator.validate_expectation_suite(suite).results:
        results[outcome.expectation_config.meta["check"]].append(outcome)


def _result(engine: sqlalchemy.Engine, check: Check, outcomes: list[Any]) -> CheckResult:
    expected = 1 if check.breaking is not None else len(check.expectations)
    if len(outcomes) != expected:
        return _crashed(check, f"{len(outcomes)} of {expected} expectations ran")
    exceptions = [text for outcome in outcomes if (text := _exception(outcome))]
    if exceptions:
        return _crashed(check, f"crashed: {exceptions[0]}")
    measured = _measured(engine, check.measured) if check.measured is not None else {}
    red = [outcome for outcome in outcomes if not outcome.success]
    if not red:
        observed = {"expectations": expected, **measured}
        return CheckResult(check.name, True, HOLDS, observed, severity=check.severity)
    if check.breaking is not None:
        count = _count(engine, check.breaking)
        return CheckResult(
            check.name, False, f"{count:,} violations", {"violations": count, **measured}, check.failing,
            severity=check.severity,
        )  # fmt: skip
    failed = [
        {"rule": o.expectation_config.type, "column": o.expectation_config.kwargs.get("column"),
         "unexpected": o.result.get("unexpected_count"), "rows": o.result.get("element_count")}
        for o in red
    ]  # fmt: skip
    words = "; ".join(f"{entry['column']}: {entry['unexpected']} of {entry['rows']} rows" for entry in failed)
    return CheckResult(check.name, False, words, {"failed": failed}, check.failing, severity=check.severity)


def _crashed(check: Check, words: str) -> CheckResult:
    return CheckResult(check.name, False, words, ran=False, severity=check.severity)


def _exception(outcome: Any) -> str:
    """What crashed, in one line. Great Expectations keeps it by metric, or directly."""
    info = outcome.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message")).strip().splitlines()[0][:300]
    return ""


def _count(engine: sqlalchemy.Engine, query: str) -> int:
    """How many rows break the rule: Great Expectations caps what it counts."""
    with engine.connect() as connection:
        count: int = connection.execute(sqlalchemy.text(f"select count(*) from ({query}) as violations")).scalar_one()
        return int(count)


def _measured(engine: sqlalchemy.Engine, query: str) -> dict[str, Any]:
    """What a check with bounds saw, green or red: bounds are proposed from it later. The furthest of each subject."""
    with engine.connect() as connection:
        rows: Any = connection.execute(
            sqlalchemy.text(
                "select subject, min(value), max(value) from"
                f" ({query}) as measured where value is not null group by subject order by subject"
            )
        ).all()
    return {"measured": {str(subject): [float(least), float(most)] for subject, least, most in rows}}
