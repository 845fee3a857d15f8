-- What others report beside what the published rows say, by the definition each claim names. A claim is never an input.
with claim as (

    select
        jurisdiction,
        claim,
        definition,
        period_from,
        period_to,
        who,
        reported_on,
        figure,
        figure_vi,
        claimed,
        at_least,
        place
    from {{ source('reference', 'reported_claim') }}

),

-- Periods that are over at the as-of instant. Of one that still runs nothing is counted: half a count is no count.
period as (

    select distinct
        claim.jurisdiction,
        claim.period_from,
        claim.period_to,
        {{ midnight('claim.period_from', 'jurisdiction.zone') }} as from_at,
        {{ midnight('claim.period_to', 'jurisdiction.zone') }} as to_at
    from claim
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = claim.jurisdiction
    where {{ midnight('claim.period_to', 'jurisdiction.zone') }} <= jurisdiction.as_of

),

dossier as (

    select
        period.jurisdiction,
        period.period_from,
        period.period_to,
        sum(case when dossier.received_at >= period.from_at then 1 else 0 end) as received,
        sum(
            case
                when dossier.received_at >= period.from_at then 0
                when dossier.resolved_at < period.from_at or dossier.closed_otherwise_at < period.from_at then 0
                else 1
            end
        ) as carried_over,
        sum(case when {{ resolved_in('dossier', 'period') }} then 1 else 0 end) as resolved,
        sum(
            case
                when {{ resolved_in('dossier', 'period') }} and verdict.verdict in ('early', 'on_due_day') then 1
                else 0
            end
        ) as resolved_on_time
    from period
    inner join {{ ref('fct_dossier') }} as dossier
        on dossier.jurisdiction = period.jurisdiction and dossier.received_at < period.to_at
    inner join {{ ref('fct_dossier_verdict') }} as verdict
        on verdict.dossier_key = dossier.dossier_key and verdict.policy = 'day'
    group by
        period.jurisdiction,
        period.period_from,
        period.period_to

),

decision as (

    select
        period.jurisdiction,
        period.period_from,
        period.period_to,
        count(distinct line.decision_code) as decisions,
        sum(case when line.action = 'new' then 1 else 0 end) as issued,
        sum(case when line.action = 'abolished' then 1 else 0 end) as abolished
    from period
    inner join {{ ref('fct_decision_line') }} as line
        on
            line.jurisdiction = period.jurisdiction
            and line.signed_on >= period.period_from
            and line.signed_on < period.period_to
    group by
        period.jurisdiction,
        period.period_from,
        period.period_to

),

catalogue as (

    select
        period.jurisdiction,
        period.period_from,
        period.period_to,
        count(*) as in_force,
        sum(case when procedure.level = 'province' then 1 else 0 end) as in_force_province,
        sum(case when procedure.level = 'district' then 1 else 0 end) as in_force_district,
        sum(case when procedure.level = 'commune' then 1 else 0 end) as in_force_commune,
        sum(case when procedure.interlinked = 'same_level' then 1 else 0 end) as interlinked_same_level,
        sum(case when procedure.interlinked = 'across_levels' then 1 else 0 end) as interlinked_across_levels,
        sum(case when procedure.has_workflow then 1 else 0 end) as with_workflow
    from period
    inner join {{ ref('fct_catalogue_in_force') }} as in_force
        on
            in_force.jurisdiction = period.jurisdiction
            and in_force.valid_from < period.period_to
            and (in_force.valid_to is null or in_force.valid_to >= period.period_to)
    inner join {{ ref('dim_procedure') }} as procedure
        on procedure.procedure_key = in_force.procedure_key and procedure.is_current
    group by
        period.jurisdiction,
        period.period_from,
        period.period_to

),

visit as (

    select
        period.jurisdiction,
        period.period_from,
        period.period_to,
        count(*) as visits
    from period
    inner join {{ ref('fct_centre_visit') }} as visit
        on
            visit.jurisdiction = period.jurisdiction
            and visit.visited_on >= period.period_from
            and visit.visited_on < period.period_to
    group by
        period.jurisdiction,
        period.period_from,
        period.period_to

),

unit as (

    select
        period.jurisdiction,
        period.period_from,
        period.period_to,
        sum(case when unit.level = 'district' then 1 else 0 end) as districts,
        sum(case when unit.level = 'commune' then 1 else 0 end) as communes
    from period
    inner join {{ ref('dim_unit') }} as unit
        on
            unit.jurisdiction = period.jurisdiction
            and {{ holds_on('unit', add_days('period.period_to', -1)) }}
    where unit.statistics_code is not null
    group by
        period.jurisdiction,
        period.period_from,
        period.period_to

),

measured as (

    select
        claim.jurisdiction,
        claim.claim,
        case claim.definition
            when 'received_in_period' then dossier.received
            when 'received_and_carried_over' then dossier.received + dossier.carried_over
            when 'resolved_in_period' then dossier.resolved
            when 'resolved_on_time_in_period' then dossier.resolved_on_time
            when 'on_time_of_resolved' then round(100.0 * dossier.resolved_on_time / nullif(dossier.resolved, 0), 2)
            when 'on_time_of_received' then round(100.0 * dossier.resolved_on_time / nullif(dossier.received, 0), 2)
            when 'decisions_signed' then decision.decisions
            when 'procedures_in_decisions' then decision.issued + decision.abolished
            when 'procedures_new' then decision.issued
            when 'procedures_abolished' then decision.abolished
            when 'in_force_at_end' then catalogue.in_force
            when 'in_force_at_end_province' then catalogue.in_force_province
            when 'in_force_at_end_district' then catalogue.in_force_district
            when 'in_force_at_end_commune' then catalogue.in_force_commune
            when 'interlinked_same_level' then catalogue.interlinked_same_level
            when 'interlinked_across_levels' then catalogue.interlinked_across_levels
            when 'with_workflow' then catalogue.with_workflow
            when 'with_workflow_rate' then round(100.0 * catalogue.with_workflow / nullif(catalogue.in_force, 0), 2)
            when 'visits_in_period' then visit.visits
            when 'districts_and_cities' then unit.districts
            when 'communes' then unit.communes
        end as ours
    from claim
    left join dossier
        on
            dossier.jurisdiction = claim.jurisdiction
            and dossier.period_from = claim.period_from
            and dossier.period_to = claim.period_to
    left join decision
        on
            decision.jurisdiction = claim.jurisdiction
            and decision.period_from = claim.period_from
            and decision.period_to = claim.period_to
    left join catalogue
        on
            catalogue.jurisdiction = claim.jurisdiction
            and catalogue.period_from = claim.period_from
            and catalogue.period_to = claim.period_to
    left join visit
        on
            visit.jurisdiction = claim.jurisdiction
            and visit.period_from = claim.period_from
            and visit.period_to = claim.period_to
    left join unit
        on
            unit.jurisdiction = claim.jurisdiction
            and unit.period_from = claim.period_from
            and unit.period_to = claim.period_to

)

select
    {{ key_in('claim.jurisdiction', 'claim.claim') }} as claim_key,
    claim.jurisdiction,
    claim.claim,
    cast(claim.place as bigint) as place,
    claim.who,
    claim.reported_on,
    claim.figure,
    claim.figure_vi,
    claim.definition,
    claim.period_from,
    claim.period_to,
    cast(claim.claimed as numeric(28, 2)) as claimed,
    claim.at_least,
    cast(measured.ours as numeric(28, 2)) as ours,
    cast(measured.ours - claim.claimed as numeric(28, 2)) as difference
from claim
inner join measured on measured.jurisdiction = claim.jurisdiction and measured.claim = claim.claim
