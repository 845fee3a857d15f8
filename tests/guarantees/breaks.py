"""For each check of the suite, one way to turn exactly that check red: statements on the candidates of a good run.

Belongs here: the statements, each what a fault of a source, a model or a configuration would leave behind. Does not:
running or judging anything. A check added to expectations/suite.yml needs an entry here, or promise 1 is red.
"""

from __future__ import annotations

#: The catalogue's last snapshot loses a quarter of its procedures, in every grain alike: only the volume can tell.
_LOST_PROCEDURES = """
    create temporary table lost as
    select procedure_key, split_part(procedure_key, '/', 2) as code from candidate.fct_catalogue_in_force
    where valid_to is null and valid_from < (select max(snapshot_on) from intermediate.int_catalogue__snapshot)
    order by procedure_key collate "C" limit (
        select count(*) / 4 from candidate.fct_catalogue_in_force where valid_to is null
    )
"""
#: Two lines of a form in one group, each with something in the columns named: what one gains, the other can lose.
_TWO_LINES = """
    create temporary table two as
    select a.form_row_key as one, b.form_row_key as other from candidate.rpt_form_ii06a as a
    inner join candidate.rpt_form_ii06a as b using (period_key, policy, variant, row_kind)
    where a.period_key = 'boston/2015Q2' and a.policy = 'instant' and a.row_kind = 'line' and a.variant = '{variant}'
    and a.row_place < b.row_place and {condition} order by a.row_place, b.row_place limit 1
"""
#: What names a dossier of one unit goes, wherever that is declared: a count would not be the only thing wrong.
_NAMED_DOSSIERS_OF_PARK = """
    do $$
    declare
        told record;
    begin
        for told in select mart, column_name from release.mart_reference where to_mart = 'fct_dossier' loop
            execute format(
                'delete from candidate.%I as f using candidate.fct_dossier as d'
                ' where d.dossier_key = f.%I and d.unit_key = ''boston/PARK''', told.mart, told.column_name
            );
        end loop;
    end $$
"""
_LAST = "(select max(snapshot_on) from intermediate.int_catalogue__snapshot)"

_SERVICES = (
    "dossiers_told", "dossiers_in_province", "dossiers_finished", "results_digitised", "data_reused", "dossiers_on_portal",
    "parts_digitised", "population_linked", "online_on_portal", "accounts_verified", "fees_on_portal",
    "fees_online_on_portal", "essential_dossiers", "essential_online", "payments_asked", "payments_paid", "payments_online",
    "payments_repeated", "amount_asked", "amount_paid", "ratings", "ratings_of_unknown", "ratings_scored",
    "ratings_satisfied", "petitions", "petitions_in_time", "petitions_late", "petitions_time_unknown", "petitions_pending",
    "petitions_overdue", "petitions_no_due", "petitions_judged", "petitions_satisfied",
)  # fmt: skip

_DIGITISATION = (
    "dossiers_told", "dossiers_in_province", "dossiers_on_both", "data_reused", "dossiers_on_portal", "parts_digitised",
    "population_linked", "online_on_portal", "accounts_verified", "dossiers_finished", "results_digitised",
)  # fmt: skip
_PAYMENTS = (
    "dossiers_with_fee", "dossiers_paid", "dossiers_paid_online", "payments_asked", "payments_paid", "payments_online",
    "payments_repeated", "amount_asked", "amount_paid", "amount_online", "procedures_with_fee", "procedures_paid_online",
    "fees_on_portal", "fees_online_on_portal",
)  # fmt: skip


def _counts_of(figure: str) -> str:
    """A row of service counts, of no unit and month, that holds one of one figure and none of any other."""
    counts = ", ".join("1" if name == figure else "0" for name in _SERVICES)
    return (
        f"insert into candidate.fct_service_quality (service_quality_key, jurisdiction, {', '.join(_SERVICES)})"
        f" values ('stray', 'boston', {counts})"
    )


BREAKS: dict[str, tuple[str, ...]] = {
    "dossiers_are_there": (
        "insert into reference.jurisdiction (jurisdiction, name, name_vi, zone, as_of, default_policy)"
        " values ('silent', 'Silent', 'Im lặng', 'UTC', now(), 'day')",
        "insert into reference.cut_off (jurisdiction, cut_off) values ('silent', now())",
    ),
    "sources_are_fresh_enough": ["delete from audit.contact where source = 'boston311'"],
    "deliveries_stand": (
        "insert into reference.source (source, jurisdiction, owner, credit) values ('ghost', 'boston', 'nobody', '')",
        "insert into audit.contact (run_id, source, stream, answered)"
        " select run_id, 'ghost', 'all', true from audit.run where outcome = 'running'",
    ),
    "deliveries_are_accounted_for": (
        "delete from candidate.fct_delivery where delivery_key = (select min(delivery_key) from candidate.fct_delivery)",
    ),
    "volume_against_the_last_release": (
        # 1,109 of 26,788 dossiers, gone from every grain: no form is made of them, and the ranking closes up.
        "delete from candidate.rpt_form_ii06a",
        "update candidate.dim_period set is_complete = false where is_complete",
        "update candidate.rpt_unit_ranking as r set unit_rank = r.unit_rank - (r.unit_rank > gone.unit_rank)::int,"
        " rank_before = r.rank_before - (r.rank_before > gone.rank_before)::int,"
        " rank_change = r.rank_before - (r.rank_before > gone.rank_before)::int"
        " - r.unit_rank + (r.unit_rank > gone.unit_rank)::int"
        " from candidate.rpt_unit_ranking as gone where gone.unit_key = 'boston/PARK'",
        "delete from candidate.rpt_unit_ranking where unit_key = 'boston/PARK'",
        _NAMED_DOSSIERS_OF_PARK,
        "delete from candidate.fct_timeliness where unit_key = 'boston/PARK'",
        "delete from candidate.rpt_unit_restated where restated_unit_key = 'boston/PARK'",
        "delete from candidate.fct_dossier where unit_key = 'boston/PARK'",
    ),
    "growth_against_the_last_release": (
        # Two dossiers where one was published, of a body whose dossiers nothing counts and no policy judges.
        "delete from reference.jurisdiction_policy where jurisdiction = 'brazil'",
        "create temporary table one as select * from marts.fct_dossier order by dossier_key limit 1",
        "update one set jurisdiction = 'brazil', dossier_key = 'brazil/first'",
        "insert into marts.fct_dossier select * from one",
        "create temporary table two as select * from candidate.fct_dossier order by dossier_key limit 1",
        "update two set jurisdiction = 'brazil', dossier_key = 'brazil/first'",
        "insert into candidate.fct_dossier select * from two",
        "update two set dossier_key = 'brazil/second'",
        "insert into candidate.fct_dossier select * from two",
    ),
    "channel_shares_against_the_last_release": (
        "update candidate.fct_dossier set channel_key = (select min(channel_key) from candidate.fct_dossier)"
        " where dossier_key in (select dossier_key from candidate.fct_dossier"
        " where channel_key > (select min(channel_key) from candidate.fct_dossier) order by dossier_key"
        " limit (select count(*) / 20 from candidate.fct_dossier))",
    ),
    "time_to_resolve_against_the_last_release": (
        "update candidate.fct_dossier set resolved_at = received_at + 3 * (resolved_at - received_at)"
        " where state = 'resolved'",
    ),
    "province_and_portal_are_in_step": (
        "insert into candidate.fct_sync_difference (sync_difference_key, dossier_key, jurisdiction, unit_key, procedure_key,"
        " kind) select dossier_key, dossier_key, jurisdiction, unit_key, procedure_key, 'missing_on_portal'"
        " from candidate.fct_dossier order by dossier_key limit (select count(*) / 5 from candidate.fct_dossier)",
    ),
    "catalogue_volume_against_the_last_release": (
        _LOST_PROCEDURES,
        f"update candidate.fct_catalogue_in_force set valid_to = {_LAST}"
        " where valid_to is null and procedure_key in (select procedure_key from lost)",
        "delete from intermediate.int_catalogue__presence as p using lost"
        f" where p.procedure_code = lost.code and p.snapshot_on = {_LAST}",
        "insert into candidate.fct_catalogue_change"
        " (catalogue_change_key, jurisdiction, procedure_key, action, effective_on, competent_unit_key,"
        " snapshot_after, file_sha256_before, file_sha256_after)"
        f" select 'lost ' || procedure_key, 'brazil', procedure_key, 'abolished', {_LAST}, null, {_LAST}, '', '' from lost",
    ),
    "quarantined_share": (
        "update audit.delivery set rows_quarantined = rows_read / 50, rows_landed = rows_read - rows_read / 50"
        " where source = 'boston311'",
    ),
    "required_columns": (
        "update candidate.fct_dossier set file_sha256 = null"
        " where dossier_key = (select min(dossier_key) from candidate.fct_dossier)",
    ),
    "one_row_a_dossier": (
        "do $$ begin execute (select format('alter table candidate.fct_dossier drop constraint %I', conname)"
        " from pg_constraint where conrelid = 'candidate.fct_dossier'::regclass and contype = 'p'); end $$",
        # In a jurisdiction that no other check counts, so that only its key is wrong.
        "create temporary table again as select * from candidate.fct_dossier order by dossier_key limit 1",
        "update again set jurisdiction = 'nowhere'",
        "insert into candidate.fct_dossier select * from again",
    ),
    "known_states": (
        "update candidate.fct_dossier set state = 'mislaid'"
        " where dossier_key = (select min(dossier_key) from candidate.fct_dossier)",
    ),
    "keys_lead_to_their_rows": (
        "update candidate.fct_dossier set competent_unit_key = 'boston/nobody'"
        " where dossier_key = (select min(dossier_key) from candidate.fct_dossier)",
    ),
    "one_verdict_a_policy": (
        # Of an open dossier: no form has it early or late.
        "delete from candidate.fct_dossier_verdict where dossier_verdict_key = ("
        " select min(dossier_verdict_key) from candidate.fct_dossier_verdict where verdict = 'pending_overdue')",
    ),
    "accounting_at_every_cut_off": (
        "update candidate.fct_timeliness set on_time = on_time + 1"
        " where timeliness_key = (select min(timeliness_key) from candidate.fct_timeliness"
        # Not at the last ones, by which units are ranked.
        " where cut_off = (select min(cut_off) from candidate.fct_timeliness))",
    ),
    "grains_agree": (
        # One dossier too many at the last cut-off, booked so that every sum within the row still holds.
        "update candidate.fct_timeliness set received = received + 1, pending = pending + 1,"
        " pending_in_time = pending_in_time + 1 where timeliness_key = ("
        " select min(timeliness_key) from candidate.fct_timeliness"
        " where cut_off = (select max(cut_off) from candidate.fct_timeliness))",
    ),
    "figures_only_grow_with_time": (
        # A cut-off beyond the configured ones, which holds a single group of the last.
        "create temporary table later as select * from candidate.fct_timeliness order by cut_off desc limit 1",
        "update later set timeliness_key = 'later', cut_off = cut_off + interval '1 day'",
        "insert into candidate.fct_timeliness select * from later",
    ),
    "own_verdict_agrees": (
        "update candidate.fct_dossier set source_verdict = case source_verdict when 'late' then 'on_time' else 'late' end"
        " where dossier_key = (select min(dossier_key) from candidate.fct_dossier"
        " where source_verdict is not null and due_at is not null and state = 'resolved')",
    ),
    "time_runs_forward": (
        # 2 % of the dossiers; all of them resolved before the first cut-off, so that no count changes.
        "update candidate.fct_dossier set resolved_at = received_at - interval '1 second' where dossier_key in ("
        " select dossier_key from candidate.fct_dossier"
        " where resolved_at < (select min(cut_off) from candidate.fct_timeliness) order by dossier_key"
        " limit (select count(*) / 50 from candidate.fct_dossier))",
    ),
    "catalogue_adds_up": (
        "delete from candidate.fct_catalogue_change where catalogue_change_key = ("
        " select min(catalogue_change_key) from candidate.fct_catalogue_change where action = 'new')",
    ),
    "catalogue_grains_agree": (
        "delete from candidate.fct_catalogue_in_force"
        " where in_force_key = (select min(in_force_key) from candidate.fct_catalogue_in_force)",
    ),
    "systems_are_reconciled": (
        # A dossier that is said to come from the portal, of which no record leads to it.
        "update candidate.fct_dossier set source = 'portal'"
        " where dossier_key = (select min(dossier_key) from candidate.fct_dossier)",
    ),
    "decisions_and_catalogue_agree": (
        "insert into candidate.fct_decision_line (decision_line_key, jurisdiction, decision_code, signed_on, effective_on,"
        " action, procedure_key, procedure_name, file_sha256, row_number, row_sha256)"
        # New by a decision, and in every export alike.
        " select 'unheard of', 'brazil', '1/QD', '2016-02-01', '2016-02-01', 'new', min(p.procedure_key), 'x', 'x', 3, 'x'"
        " from candidate.dim_procedure as p where p.jurisdiction = 'brazil' and not exists ("
        " select 1 from candidate.fct_catalogue_change as c where c.procedure_key = p.procedure_key)",
    ),
    "portal_and_decisions_agree": (
        "insert into intermediate.int_delivery__ranked (delivery_id, source, stream, kind, version, jurisdiction, zone,"
        " recency) values (-1, 'portal', 'decision', 'full', now(), 'boston', 'UTC', 1)",
        "insert into raw.portal__decision (_delivery_id, _row_number, _row_sha256, soquyetdinh, ngayky)"
        " values (-1, 1, '', '2/QD', '2016-02-01')",
        "insert into intermediate.int_decision__listed (jurisdiction, decision_code, signed_on)"
        " values ('boston', '2/QD', '2016-02-02')",
    ),
    "units_have_one_version_a_day": (
        # A second version from the day on which the first begins to be one of two.
        "create temporary table twin as select * from candidate.dim_unit where unit_key = 'boston/PARK'",
        "update twin set unit_version_key = unit_version_key || ' again', valid_from = '2015-02-01', is_current = false",
        "insert into candidate.dim_unit select * from twin",
    ),
    "procedures_have_one_version_a_day": (
        "update candidate.dim_procedure set is_current = false where procedure_version_key ="
        " (select min(procedure_version_key) from candidate.dim_procedure where jurisdiction = 'boston')",
    ),
    "restating_loses_nothing": (
        "delete from candidate.rpt_unit_restated where unit_restated_key ="
        " (select min(unit_restated_key) from candidate.rpt_unit_restated)",
    ),
    "ratings_and_payments_know_their_dossier": (
        # One payment, of nobody's dossier, and counted where such ones are.
        "insert into candidate.fct_payment (payment_key, jurisdiction, request_number, amount, is_paid, is_repetition,"
        " source, file_sha256, row_number, row_sha256)"
        " values ('lost', 'boston', 1, 8000, true, false, 'provincial', 'x', 1, 'x')",
        _counts_of("payments_asked"),
    ),
    "service_counts_add_up": (
        # A petition that is in no state; counted in both grains.
        "insert into candidate.fct_petition (petition_key, jurisdiction, petition_code, received_at, verdict, source,"
        " file_sha256, row_number, row_sha256) values ('stray', 'boston', 'x', now(), 'mislaid', 'provincial', 'x', 1, 'x')",
        _counts_of("petitions"),
    ),
    "service_grains_agree": (_counts_of("ratings"),),
    "digitisation_is_told_of_every_dossier": (
        "insert into candidate.fct_digitisation (dossier_key, jurisdiction, state, in_province, on_portal, source,"
        " file_sha256, row_number, row_sha256)"
        " select min(dossier_key), 'boston', 'not_yet', true, false, 'provincial', 'x', 1, 'x' from candidate.fct_dossier",
    ),
    "periods_are_counted": (
        "insert into candidate.dim_period (period_key, jurisdiction, period, name, name_vi, period_from, period_to,"
        " from_at, to_at, is_complete, place) values ('boston/lost', 'boston', 'lost', 'lost', 'thất lạc', '2015-02-01',"
        " '2015-03-01', '2015-02-01 05:00:00+00', '2015-03-01 05:00:00+00', true, 9)",
    ),
    "form_columns_add_up": (
        _TWO_LINES.format(variant="fields", condition="a.on_time > 0 and b.late > 0"),
        # One early more and one early less: each level still adds up, and no line does.
        "update candidate.rpt_form_ii06a set early = early + 1 from two where form_row_key = one",
        "update candidate.rpt_form_ii06a set early = early - 1 from two where form_row_key = other and early > 0",
    ),
    "form_rows_add_up": (
        "update candidate.rpt_form_ii06a set received_online = received_online - 1,"
        " received_direct_postal = received_direct_postal + 1 where form_row_key = ("
        " select min(form_row_key) from candidate.rpt_form_ii06a"
        " where variant = 'fields' and row_kind = 'line' and received_online > 0)",
    ),
    "form_stock_is_carried_over": (
        _TWO_LINES.format(variant="fields", condition="b.carried_over > 0 and b.pending_in_time > b.pending_no_due"),
        # One line has an open dossier too many from the period before, another one too few: columns and rows add up.
        "update candidate.rpt_form_ii06a set carried_over = carried_over + 1, received_total = received_total + 1,"
        " pending_total = pending_total + 1, pending_in_time = pending_in_time + 1 from two where form_row_key = one",
        "update candidate.rpt_form_ii06a set carried_over = carried_over - 1, received_total = received_total - 1,"
        " pending_total = pending_total - 1, pending_in_time = pending_in_time - 1 from two where form_row_key = other",
    ),
    "form_agrees_with_timeliness": (
        # One receipt moved to the other column on its line, its level's row and the total alike.
        "create temporary table moved as select period_key, policy, level, form_row_key from candidate.rpt_form_ii06a"
        " where variant = 'fields' and row_kind = 'line' and received_online > 0 order by form_row_key limit 1",
        "update candidate.rpt_form_ii06a as form set received_online = form.received_online - 1,"
        " received_direct_postal = form.received_direct_postal + 1 from moved"
        " where form.period_key = moved.period_key and form.policy = moved.policy and form.variant = 'fields'"
        " and (form.form_row_key = moved.form_row_key or form.row_kind = 'total'"
        " or (form.row_kind = 'group' and form.level is not distinct from moved.level))",
    ),
    "form_agrees_with_dossiers": (
        _TWO_LINES.format(variant="levels", condition="a.on_time > a.resolved_no_due and b.early > 0"),
        # One unit's dossier that was early is told of another unit: nothing but the dossiers knows better.
        "update candidate.rpt_form_ii06a set early = early + 1, on_time = on_time - 1 from two where form_row_key = one",
        "update candidate.rpt_form_ii06a set early = early - 1, on_time = on_time + 1 from two where form_row_key = other",
    ),
    "procedures_form_adds_up": (
        "insert into candidate.rpt_form_ii07b (period_key, jurisdiction, period, catalogue_known_on,"
        " in_authority_total, in_authority_province, in_authority_district, in_authority_commune, in_authority_no_level,"
        " one_stop_total, one_stop_province, one_stop_district, one_stop_commune, one_stop_no_level,"
        " workflow_total, workflow_province, workflow_district, workflow_commune, workflow_no_level,"
        " in_authority_at_province, in_authority_at_district, in_authority_at_commune,"
        " one_stop_at_province, one_stop_at_district, one_stop_at_commune,"
        " workflow_at_province, workflow_at_district, workflow_at_commune, one_stop_unknown)"
        # A procedure of three levels counted three times instead of once.
        " values ('boston/2015Q1', 'boston', '2015Q1', '2015-03-31', 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,"
        " 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)",
    ),
    "ranking_is_in_order": (
        "update candidate.rpt_unit_ranking set unit_rank = 3 - unit_rank, rank_change = rank_before - 3 + unit_rank"
        " where unit_rank in (1, 2)",
    ),
    "rates_add_up": (
        "update candidate.rpt_rate set numerator = 0, rate_percent = 0 where rate_key ="
        " (select min(rate_key) from candidate.rpt_rate where unit_key is not null and numerator > 0)",
    ),
    "service_reports_add_up": (
        # A unit's payments that no level and no total has.
        "insert into candidate.rpt_payment (payment_row_key, jurisdiction, period_key, period, row_kind, unit_key,"
        f" {', '.join(_PAYMENTS)}) values ('stray', 'boston', 'boston/2015Q1', '2015Q1', 'unit', 'boston/PARK',"
        " 1, 0, 0, 1, 0, 0, 0, 8000, 0, 0, 1, 0, 0, 0)",
    ),
    "service_reports_agree_with_counts": (
        # A dossier in every row of the report, and in no count.
        "insert into candidate.rpt_digitisation (digitisation_row_key, jurisdiction, period_key, period, row_kind, unit_key,"
        f" {', '.join(_DIGITISATION)}) select 'stray ' || kind, 'boston', 'boston/2015Q1', '2015Q1', kind,"
        " case kind when 'unit' then 'boston/PARK' end, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0"
        " from unnest(array['unit', 'level', 'total']) as row (kind)",
    ),
    "index_points_follow_their_rule": (
        # All of the points for half of the ratio.
        "insert into candidate.rpt_service_quality (quality_component_key, jurisdiction, period_key, period, dimension,"
        " component, given, numerator, denominator, ratio_percent, max_score, score_state, score)"
        " values ('stray', 'boston', 'boston/2015Q1', '2015Q1', 'transparency', 'dossiers_synced', 2, 1, 2, 50, 6, 'scored', 6)",
    ),
}
