-- Signs of stuck and of empty dossiers, one row a dossier and sign. A sign proves nothing.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'suspect'}) }}
with dossier as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.procedure_key,
        dossier.state,
        dossier.received_at,
        dossier.received_on,
        dossier.resolved_at,
        dossier.due_at,
        dossier.held_due_at,
        dossier.source,
        dossier.file_sha256,
        dossier.row_number,
        jurisdiction.zone,
        jurisdiction.as_of
    from {{ touched_of('fct_dossier', 'suspect', ['dossier_key']) }} as dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = dossier.jurisdiction
    where dossier.state <> 'not_yet'

),

stirred as (

    select
        dossier_key,
        happened_at
    from {{ touched_of('fct_dossier_event', 'suspect', ['dossier_key']) }} as touched
    union all
    select
        dossier_key,
        started_at as happened_at
    from {{ touched_of('fct_dossier_step', 'suspect', ['dossier_key']) }} as touched

),

last_stirred as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.zone,
        dossier.as_of,
        max(stirred.happened_at) as happened_at
    from dossier
    inner join stirred on stirred.dossier_key = dossier.dossier_key and stirred.happened_at < dossier.as_of
    where dossier.state = 'open'
    group by
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.zone,
        dossier.as_of

),

stuck as (

    select
        last_stirred.dossier_key,
        'stuck' as proxy,
        today.working_day_number - last_day.working_day_number as measured
    from last_stirred
    inner join {{ ref('int_calendar__day') }} as last_day
        on {{ on_day_of('last_day', 'last_stirred', 'last_stirred.happened_at') }}
    inner join {{ ref('int_calendar__day') }} as today
        on {{ on_day_of('today', 'last_stirred', 'last_stirred.as_of') }}

),

finished_at_once as (

    select
        dossier_key,
        'instant' as proxy,
        {{ minutes_since('received_at', 'resolved_at') }} as measured
    from dossier
    where state = 'resolved' and resolved_at >= received_at

),

edited as (

    select
        dossier_key,
        'edited_after_due' as proxy,
        {{ days_from(local_date('due_at', 'zone'), local_date('held_due_at', 'zone')) }} as measured
    from dossier
    where due_at is not null and held_due_at is not null

),

applicant as (

    select
        dossier.dossier_key,
        count(*) over (
            partition by dossier.jurisdiction, record.applicant_pseudonym, dossier.received_on
        ) as dossiers
    from dossier
    inner join {{ touched_of('int_dossier__applicant', 'suspect', ['dossier_key']) }} as record
        on record.dossier_key = dossier.dossier_key

),

many as (

    select
        dossier_key,
        'many_a_day' as proxy,
        dossiers as measured
    from applicant

),

told as (

    select
        dossier_key,
        proxy,
        cast(measured as bigint) as measured
    from stuck
    union all
    select
        dossier_key,
        proxy,
        cast(measured as bigint) as measured
    from finished_at_once
    union all
    select
        dossier_key,
        proxy,
        cast(measured as bigint) as measured
    from edited
    union all
    select
        dossier_key,
        proxy,
        cast(measured as bigint) as measured
    from many

)

select
    {{ key_in('told.dossier_key', 'told.proxy') }} as suspect_dossier_key,
    told.dossier_key,
    dossier.jurisdiction,
    dossier.unit_key,
    dossier.procedure_key,
    told.proxy,
    told.measured,
    proxy.threshold,
    proxy.unit as counted_in,
    dossier.source,
    dossier.file_sha256,
    dossier.row_number
from told
inner join {{ ref('proxy') }} as proxy on proxy.proxy = told.proxy
inner join dossier on dossier.dossier_key = told.dossier_key
where
    (told.proxy in ('stuck', 'many_a_day') and told.measured >= proxy.threshold)
    or (told.proxy = 'instant' and told.measured <= proxy.threshold)
    or (told.proxy = 'edited_after_due' and told.measured > proxy.threshold)
