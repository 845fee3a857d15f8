-- Dossier × policy: which due date and which end the policy takes, and what a resolution is worth under it. Everything
-- a policy may decide is a column of its row; nothing here names one.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        dossier_code,
        zone,
        first_due_at,
        due_at,
        held_due_at,
        resolved_at,
        returned_at,
        closed_otherwise_at
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

in_use as (

    select
        used.jurisdiction,
        policy.policy,
        policy.compares,
        policy.due_basis,
        policy.missing_due,
        policy.supplement_time,
        policy.most_supplements,
        policy.closed_otherwise
    from {{ source('reference', 'jurisdiction_policy') }} as used
    inner join {{ ref('policy') }} as policy on policy.policy = used.policy

),

request as (

    select
        jurisdiction,
        dossier_code,
        from_at as asked_at,
        row_number() over (
            partition by jurisdiction, dossier_code
            order by from_at asc, file_sha256 asc, row_number asc
        ) as place
    from {{ touched_of('int_dossier__waiting', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where waits_for = 'supplement'

),

taken as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.zone,
        in_use.policy,
        in_use.compares,
        in_use.due_basis,
        in_use.missing_due,
        coalesce(
            case
                when in_use.supplement_time = 'subtracted' and dossier.first_due_at is not null then extended.due_at
                when in_use.due_basis = 'first_promised' then dossier.first_due_at
                when in_use.due_basis = 'held' then dossier.held_due_at
                else dossier.due_at
            end,
            case
                when in_use.missing_due <> 'limit' then null
                when in_use.supplement_time = 'subtracted' then extended.due_at
                else extended.limit_due_at
            end
        ) as due_at,
        case
            when in_use.closed_otherwise = 'resolved'
                then coalesce(dossier.resolved_at, dossier.returned_at, dossier.closed_otherwise_at)
            else dossier.resolved_at
        end as resolved_at,
        case when in_use.closed_otherwise = 'apart' then dossier.closed_otherwise_at end as closed_otherwise_at,
        -- The request beyond those that the policy allows: from then on the dossier counts as late.
        request.asked_at as exceeded_at
    from dossier
    inner join in_use on in_use.jurisdiction = dossier.jurisdiction
    left join {{ touched_of('int_dossier__extended', 'dossier_key', ['dossier_key']) }} as extended
        on extended.dossier_key = dossier.dossier_key
    left join request
        on
            request.jurisdiction = dossier.jurisdiction
            and request.dossier_code = dossier.dossier_code
            and request.place = in_use.most_supplements + 1

),

dated as (

    select
        dossier_key,
        jurisdiction,
        policy,
        compares,
        due_basis,
        missing_due,
        due_at,
        resolved_at,
        closed_otherwise_at,
        exceeded_at,
        {{ local_date('due_at', 'zone') }} as due_on,
        {{ local_date('resolved_at', 'zone') }} as resolved_on
    from taken

)

select
    dossier_key,
    jurisdiction,
    policy,
    compares,
    due_basis,
    missing_due,
    due_at,
    due_on,
    resolved_at,
    resolved_on,
    {{ month_start('resolved_on') }} as resolved_month,
    closed_otherwise_at,
    exceeded_at,
    case
        when resolved_at is null then null
        when exceeded_at < resolved_at then 'late'
        when due_at is null and missing_due = 'in_time' then 'on_due_day'
        when due_at is null then 'no_due'
        when compares = 'instant' and resolved_at > due_at then 'late'
        when compares = 'day' and resolved_on > due_on then 'late'
        when resolved_on < due_on then 'early'
        else 'on_due_day'
    end as resolution
from dated
